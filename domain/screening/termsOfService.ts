import { NEGATED, OF_OTHERS, OF_PRODUCT, type Phrase, phraseFinder, REFUSED } from './phrases';

const SCHOOL_WORK =
  '(?:home ?works?|assignments?|course ?works?|essays?|term papers?|dissertations?|thesis|theses|capstone(?: project)?|lab reports?|midterms?|finals?|quiz(?:zes)?|exams?|exam papers?)';
const SCHOOL =
  "(?:university|college|uni|school|bachelor'?s?|master'?s?|mba|phd|ph\\.d|doctora\\w+|nursing|degree|course|class|professor|semester|academic|student|graduate|undergraduate|msc|bsc)";
/** Help that leaves the work the student's own, and products for teaching. */
const HONEST_STUDY =
  /\b(?:proof ?read\w*|edit(?:ed|ing|or|s)?|language only|format\w*|typeset\w*|layout|translat\w*|transcrib\w*|tutor\w*|teach\w*|coach\w*|mentor\w*|proctor\w*|review(?:er|ers|ed)?\b|feedback|grad(?:e|ing)\b|mark(?:ing)?\b|platform|app\b|application|software|website|lms|plug-?in|quiz (?:app|bot|builder|platform)|generat\w+|submission (?:system|portal)|survey|interview|participants?|consult\w*|statistic\w* (?:help|advice)|task assignments?|assignments? (?:of|to|and tracking|management)|our (?:\w{1,12} )?(?:students|learners|courses?)|course creat\w*|e-?learning|curriculum|trial assignment|take-?home|admissions?|blogs?|blog posts?|articles?)\b/;

const ACADEMIC_PHRASES: Phrase[] = [
  {
    pattern: new RegExp(
      `\\b(?:take|sit|attend|do|complete|write|pass|finish|solve|give|attempt)(?: \\w{1,12}){0,5} (?:${SCHOOL_WORK}|class(?:es)?|courses?|tests?)\\b(?: \\w{1,12}){0,6} (?:for me|as me|on my behalf|in my (?:name|place)|with my (?:log-?in|account)|instead of me)\\b`,
      'g',
    ),
    stems: 'me my beha inst',
    strength: 1,
    unlessBefore: [NEGATED],
  },
  {
    pattern: new RegExp(
      `\\b(?:exam|test|quiz|class|course)s?\\b[^.!?\\n]{0,60}?\\b(?:you|someone|who)\\b(?: \\w{1,12}){0,2} (?:take|sit|do|attend|complete)(?: \\w{1,12}){0,3} (?:for me|as me|on my behalf|instead of me)\\b`,
      'g',
    ),
    stems: 'me beha inst',
    strength: 1,
    unlessBefore: [NEGATED],
  },
  {
    pattern: new RegExp(
      `\\b(?:do|complete|finish|solve|take|help(?: \\w{1,6}){0,2}(?: with)?) my (?:\\w{1,14} ){0,3}(?:home ?works?|assignments?|course ?works?|exams?|online (?:exam|test|class|course)|quiz(?:zes)?|midterm|finals?|discussion posts?|canvas|blackboard)\\b`,
      'g',
    ),
    stems: 'my',
    strength: 1,
    unlessBefore: [NEGATED, OF_OTHERS],
    unlessSentence: [OF_PRODUCT, /\b(?:proof ?read\w*|tutor\w*|teach\w*|explain|understand)\b/],
  },
  {
    pattern:
      /\b(?:take|sit|pass|attend|do)(?: my| the| an?)?(?: \w{1,12})? (?:toefl|ielts|gre|gmat|nclex|duolingo|pte|cpa|comptia|pmp)\b(?: \w{1,12}){0,3} (?:exams?|tests?|certification)\b/g,
    stems: 'toef ielt gre gmat ncle duol pte cpa comp pmp',
    strength: 0.95,
    unlessBefore: [NEGATED, OF_OTHERS],
    needs: /\b(?:my|for me|on my behalf|someone|somebody|proxy)\b/,
    unlessSentence: [HONEST_STUDY],
  },
  {
    pattern:
      /\b(?:exam|test|homework|quiz|assignment) (?:taker|helper|solver|doer)s?\b|\b(?:take|sit|pass|attend)(?: \w{1,12}){0,3} (?:proctored|online) (?:exam|test)s? for\b|\bproxy (?:test|exam|interview)\w*/g,
    stems: 'take help solv doer onli proc prox',
    strength: 0.85,
    unlessBefore: [NEGATED],
    unlessSentence: [/\b(?:app|platform|software|website|plug-?in|extension|prevent\w*|detect\w*)\b/],
  },
  {
    pattern: new RegExp(
      `\\b(?:dissertation|thesis|essay|term paper|assignment|course ?work)s?\\b[^.!?\\n]{0,120}?\\b(?:written from scratch|plagiari\\w+|turnitin|ai (?:check|detect\\w*))[^.!?\\n]{0,60}?\\b(?:${SCHOOL}|finds? nothing|pass)`,
      'g',
    ),
    stems: 'scra plag turn ai',
    strength: 0.95,
    unlessBefore: [NEGATED, OF_OTHERS],
    unlessSentence: [HONEST_STUDY],
  },
  {
    pattern: /\b(?:submit|hand) (?:it|them|this) (?:in )?(?:under|in|as) my own(?: name)?\b/g,
    stems: 'own',
    strength: 0.9,
  },
  {
    pattern: new RegExp(
      `\\b(?:write|writing|writer|written|do|complete|need|help)(?: \\w{1,12}){0,6} (?:my|our|a|an|the|full|full-length|phd|master'?s?|bachelor'?s?|medical|nursing|mba|college|university)? ?(?:dissertation|thesis)\\b|\\b(?:dissertation|thesis) (?:writers?|writing|help|assistance|helper)\\b`,
      'g',
    ),
    stems: 'diss thes',
    strength: 0.6,
    unlessBefore: [NEGATED, OF_OTHERS],
    unlessSentence: [HONEST_STUDY],
  },
  {
    pattern: new RegExp(
      `\\b(?:my|our|a|an|the|for)(?: \\w{1,14}){0,2} ${SCHOOL}(?: \\w{1,14}){0,2} (?:assignments?|course ?work|home ?work|essays?|term papers?|exams?|capstone)\\b|\\b(?:assignment|essay|course ?work|home ?work|term paper|research paper)s?\\b[^.!?\\n]{0,40}? (?:for|of|in)(?: \\w{1,12}){0,2} (?:university|college|uni\\b|school|bachelor'?s?|master'?s?|degree|class|course|professor)`,
      'g',
    ),
    stems: 'assi cour home essa term exam caps',
    unlessAfter: [/^ (?:prep|board|practice|questions?)/],
    strength: 0.6,
    unlessBefore: [NEGATED, OF_OTHERS],
    unlessSentence: [HONEST_STUDY],
  },
  {
    pattern:
      /\b(?:in this assignment,? (?:you|we|students)|(?:to )?complete this assignment,? you must|(?:you are|you have been) tasked with|this assignment will (?:challenge|test|assess|require)|assignment (?:brief|specification|rubric)|marking rubric|my professor|homework help|(?:must|should|has to) pass turnitin|(?:harvard|apa|mla) (?:referenc\w+|citations?|style)|as per (?:the )?rubric)\b/g,
    stems: 'assi rubr prof home task turn harv apa mla',
    strength: 0.55,
    unlessSentence: [
      /\b(?:platform|app\b|software|website|course creat\w*|(?:our|my) (?:\w{1,12} ){0,2}(?:students|class)|teacher|employees)\b/,
    ],
    needs: /\b(?:assignment|rubric|professor|homework|students?|turnitin|harvard|apa|mla)\b/,
  },
];

export const findAcademicCheating = phraseFinder(
  'exam test quiz clas cour home assi essa term diss thes caps midt fina own rubr prof lab prox',
  ACADEMIC_PHRASES,
);

const AUDIENCE =
  '(?:followers|subscribers|likes|upvotes|votes|views|watch ?(?:hours|time)|installs|downloads)';
/** Managing, counting or fighting: not faking. */
const HONEST_REVIEWS =
  /\b(?:detect\w*|identif\w*|remov\w*|report\w*|spot\w*|filter\w*|delet\w*|fight\w*|manag\w*|monitor\w*|respond\w*|repl(?:y|ies)|scrap\w*|extract\w*|analy\w*|sentiment|widget|display\w*|stars? (?:in|show)|aggregat\w*|import\w*|collect\w*|request\w*|automat\w*|dashboard|metrics?|api|plug-?in|integrat\w*|organic\w*|real|ads?|campaigns?|strategy|website|hacked|at least|minimum|more than|have over|negative)\b/;
const LEAVES_REVIEW =
  /\b(?:will|i'?ll|we'?ll|happy to|gladly|quick|bonus|earn|get|and|for a)(?: \w{1,12}){0,3} ?$/;

const ENGAGEMENT_PHRASES: Phrase[] = [
  {
    pattern:
      /\bfake(?: \w{1,12}){0,3} (?:reviews?|ratings?|followers|likes|testimonials?|subscribers|comments|feedback)\b/g,
    stems: 'fake',
    strength: 1,
    unlessBefore: [NEGATED],
    unlessSentence: [
      /\b(?:detect\w*|identif\w*|remov\w*|report\w*|spot\w*|filter\w*|against|delet\w*|fight\w*|competitor\w*|classif\w*|dataset|flag\w*|prevent\w*|victim|attack\w*|hit by)\b/,
    ],
  },
  {
    pattern:
      /\b(?:post|write|leave|paste|submit|give|publish|add|place)(?:ing|s)?\b(?: \w{1,12}){0,5} (?:(?:5|five|4|positive|good|great)[- ]?stars?(?: \w{1,12}){0,2} |positive |good )?(?:reviews?|ratings?|feedbacks?)\b[^.!?\n]{0,120}?\b(?:we (?:give|provide|send|supply)(?: \w{1,6})? (?:the )?text|(?:different|multiple|several|old|own) (?:google |gmail |amazon )?(?:accounts?|ips?|devices)|accounts per person|per review|for each review)/g,
    stems: 'revi rati feed',
    strength: 1,
    unlessBefore: [NEGATED, OF_OTHERS],
    unlessSentence: [OF_PRODUCT],
  },
  {
    pattern:
      /\b(?:accounts?|phones?|people)\b[^.!?\n]{0,40}?\bto (?:post|write|leave|submit)(?: \w{1,12}){0,3} (?:5|five)[- ]?stars? reviews?\b/g,
    stems: 'revi',
    strength: 1,
    unlessBefore: [NEGATED],
  },
  {
    pattern:
      /\b(?:buy|purchase|sell|selling|buying)(?: \w{1,12}){0,3} (?:reviews?|followers|likes|subscribers|upvotes|watch (?:time|hours))\b|\b(?:5|five)[- ]?stars? reviews? (?:wanted|needed|required|for sale)\b|\b(?:people|reviewers?|buyers)(?: \w{1,12}){0,3} (?:to )?buy and (?:leave |write )?(?:a )?reviews?\b/g,
    strength: 0.9,
    unlessBefore: [NEGATED, OF_OTHERS],
    unlessSentence: [HONEST_REVIEWS],
  },
  {
    pattern:
      /\b(?:write|writing|post|posting|leave|need|want|get|provide)(?: \w{1,12}){0,4} (?:(?:amazon|google|ios|app ?store|play ?store|yelp|trustpilot|facebook|tripadvisor)(?: \w{1,12}){0,2}|5[- ]?stars?|five[- ]stars?|positive) (?:reviews|ratings)\b/g,
    stems: 'revi rati',
    strength: 0.6,
    unlessBefore: [NEGATED, OF_OTHERS, LEAVES_REVIEW],
    unlessSentence: [HONEST_REVIEWS, OF_PRODUCT],
  },
  {
    pattern:
      /\breviews? (?:under|on|for|to)(?: \w{1,12}){0,2} (?:my|our)(?: \w{1,12}){0,2} (?:e-?book|book|app|listing|store|product|page|business|amazon)\b|\b(?:google|amazon|yelp|trustpilot|app) reviews? bot\b|\bgoogle reviews? for(?: \w{1,12}){0,2} (?:website|business|company|shop)\b/g,
    stems: 'revi',
    strength: 0.6,
    unlessBefore: [NEGATED, OF_OTHERS],
    unlessSentence: [
      HONEST_REVIEWS,
      /\b(?:code|security|design|editor|honest|arc|legal|expert|youtuber\w*)\b/,
    ],
  },
  {
    pattern:
      /\b(?:must|have to|need to|eligible to|and then|then)(?: \w{1,12}){0,2} leave(?: \w{1,12}){0,4} (?:reviews?|feedback|ratings?)\b/g,
    stems: 'leav',
    strength: 0.9,
    unlessBefore: [NEGATED, OF_OTHERS],
    unlessSentence: [
      HONEST_REVIEWS,
      OF_PRODUCT,
      /\b(?:upwork|contract|end of|after (?:the )?(?:job|project|completion))\b/,
    ],
  },
  {
    pattern:
      /\b(?:buy|purchase|order|download|install)(?: \w{1,12}){0,6}[ ,]{1,2}(?:and |then ){0,2}leave(?: \w{1,12}){0,4} (?:reviews?|ratings?)\b|\bleave (?:us |me )?(?:a )?(?:5|five)[- ]?stars? (?:ratings?|reviews?)\b/g,
    stems: 'leav',
    strength: 0.9,
    unlessBefore: [
      NEGATED,
      LEAVES_REVIEW,
      /\b(?:customers?|users?|buyers|guests|clients|shoppers)\b[^,;]{0,60}$/,
    ],
    unlessSentence: [/\b(?:sellers|each other|marketplace|software|feature|plug-?in|upwork|guests)\b/],
    needs: /\b(?:refund\w*|reimburs\w*|cash ?back|5|five|amazon|positive|paypal|stars?)\b/,
  },
  {
    // The title alone names a number of them, or asks for them.
    pattern: new RegExp(
      `^(?:(?:i )?(?:need|want|buy|looking for|get|provide|require)(?: \\w{1,12}){0,3} )?\\d[\\dk,.]{0,7}(?: \\w{1,12}){0,2} ${AUDIENCE}(?: \\w{1,12}){0,2}\\n`,
      'g',
    ),
    strength: 0.65,
    unlessSentence: [HONEST_REVIEWS],
  },
  {
    pattern: new RegExp(
      `^(?:i |we )?(?:need|want|buy|require)(?: \\w{1,12}){0,3} (?:${AUDIENCE})(?: (?:for|on)(?: \\w{1,12}){0,3})?[.! ]*\\n|\\b(?:i|we) (?:need|want|require) \\d[\\dk,.]{0,7}(?: \\w{1,12}){0,2} ${AUDIENCE}\\b`,
      'g',
    ),
    strength: 0.65,
    unlessSentence: [HONEST_REVIEWS],
  },
  {
    pattern: /\b(?:phone|click|bot|account) ?farm(?:ing|s)?\b/g,
    strength: 0.7,
    unlessSentence: [/\b(?:detect\w*|prevent\w*|against|fight\w*|animal|cattle|solar)\b/],
  },
];

export const findFakeEngagement = phraseFinder(
  'revi rati feed test comm foll subs like vote upvo view watc inst down farm',
  ENGAGEMENT_PHRASES,
);

const ACCOUNT_KIND =
  '(?:aged|verified|old|existing|pva|bulk|monetized|upwork|gmail|google|facebook|fb|instagram|youtube|linkedin|twitter|reddit|fiverr|paypal|stripe|payoneer|amazon|ebay|tiktok|telegram|discord|ads?|binance|bank|freelancer|outlook|hotmail)';

const SALE_PHRASES: Phrase[] = [
  {
    pattern: new RegExp(
      `\\b(?:buy|buys|sell|purchase|buying|selling|purchasing)(?: \\w{1,12}){0,3} ${ACCOUNT_KIND}(?: \\w{1,12}){0,2} (?:accounts?|profiles?|channels?)\\b`,
      'g',
    ),
    strength: 1,
    unlessBefore: [NEGATED, OF_OTHERS],
    unlessSentence: [
      REFUSED,
      /\b(?:seller|store|products?|on) (?:account|amazon|ebay)\b/,
      /\b(?:website|app|platform|marketplace|software|set ?up|manag\w+|products?|media buy\w*|ad buy\w*)\b/,
    ],
  },
  {
    pattern: new RegExp(
      `\\b(?:need|looking for|want|provide|supply|require|create|make)(?: \\w{1,12}){0,2} \\d[\\dk,.-]{0,9}(?: \\w{1,12}){0,2} (?:gmail|google|facebook|fb|instagram|outlook|twitter|reddit|pva|tiktok|linkedin|hotmail)(?: \\w{1,12}){0,1} accounts\\b`,
      'g',
    ),
    strength: 0.8,
    unlessSentence: [OF_PRODUCT, /\b(?:manag\w*|follow|list of|outreach|audit)\b/],
  },
  {
    pattern:
      /\b(?:need|looking for|want|supply)(?: \w{1,12}){0,2} (?:aged|verified|old|pva|bulk|stealth) (?:gmail|google|facebook|fb|instagram|outlook|twitter|reddit|tiktok|linkedin|paypal|stripe|upwork|amazon|ebay)(?: \w{1,12}){0,1} accounts?\b|\bneed(?:ed)?(?: \w{1,12}){0,2} (?:already )?monetized (?:youtube )?channels?\b|\b\d[\dk-]{0,9} ?(?:-\d+k )?subscribers channels? needed?\b|\bchannels?(?: \w{1,12}){0,4} for sale\b|\b(?:agency|business) ads? accounts? (?:needed|wanted|required)\b|\bverified business (?:ads? )?manager\b/g,
    strength: 0.6,
    unlessBefore: [
      NEGATED,
      /\b(?:editor|manage\w*|manager|grow|for (?:my|our)|someone|help)\b[^.!?\n]{0,40}$/,
    ],
    unlessSentence: [OF_PRODUCT, /\b(?:set ?up|get my|help me|expert)\b/],
  },
];

export const findAccountSale = phraseFinder('acco prof chan mana subs', SALE_PHRASES);

/** Security work, and obstacles that are none of identity. */
const HONEST_BYPASS =
  /\b(?:pen ?test\w*|penetration|audit\w*|prevent\w*|detect\w*|vulnerab\w*|protect\w*|against|attackers?|holes|pop-?ups?|cookie|cloudflare turnstile issue|fix|cannot|unable to|secur(?:e|ity))\b/;

const BYPASS_PHRASES: Phrase[] = [
  {
    pattern:
      /\b(?:bypass|bypassing|pybass|circumvent\w*|evade|evading|get around|trick|fool|beat|defeat)\b(?: \w{1,12}){0,4} (?:kyc|identity|id|verifications?|video|2fa|otp|selfie|liveness|face|facial|age|phone|sms|bans?|suspension|proctor\w*|plagiarism|turnitin|account limits?)\b/g,
    strength: 0.95,
    unlessBefore: [NEGATED, OF_OTHERS],
    unlessSentence: [HONEST_BYPASS],
  },
  {
    pattern:
      /\bpass(?:ing)?(?: \w{1,12}){0,3} (?:kyc|video|identity|id|face|selfie|account)(?: \w{1,12}){0,1} (?:verification|check)s?\b/g,
    strength: 0.9,
    unlessBefore: [NEGATED, OF_OTHERS],
    unlessSentence: [HONEST_BYPASS, OF_PRODUCT],
  },
  {
    pattern:
      /\bverify(?: \w{1,12}){0,3} accounts?(?: \w{1,12}){0,3} (?:with|using|by) (?:your|his|her|their|own|a real)(?: \w{1,12}){0,1} (?:id|passport|documents?|selfie|face)\b|\b(?:verification|verify|safeguard|kyc)\b[^.!?\n]{0,40}?\b(?:bypass|pybass|circumvent|get around)\b/g,
    strength: 0.85,
    unlessBefore: [NEGATED],
    unlessSentence: [HONEST_BYPASS],
  },
  {
    pattern:
      /\b(?:keep\w*|remain\w*|stay\w*|make)(?: \w{1,12}){0,3} (?:accounts?|bots?|profiles?)?(?: \w{1,12}){0,2} ?undetect\w+\b|\bavoid\w* detection\b|\b(?:same ip|different ips?|rotat\w+ (?:ips?|sims?))\b[^.!?\n]{0,80}?\b(?:accounts?|pattern|ban(?:ned)?)\b|\b(?:so that|so)(?: \w{1,12}){0,5} (?:doesn'?t|does not|don'?t|do not|can'?t) (?:see|notice|detect) (?:a |the |any )?(?:pattern|us)\b/g,
    strength: 0.8,
    unlessBefore: [NEGATED],
    unlessSentence: [HONEST_BYPASS],
  },
  {
    pattern:
      /\b(?:fake|forged?|novelty|counterfeit)(?: \w{1,12}){0,2} (?:ids?|documents?|passports?|driver'?s? licen[cs]es?|bank statements?|pay ?stubs?|utility bills?|invoices? for verification|certificates?|diplomas?)\b|\bedit(?:ing)?(?: \w{1,12}){0,3} (?:bank statements?|passports?|id cards?|pay ?stubs?)\b/g,
    strength: 0.9,
    unlessBefore: [NEGATED],
    unlessSentence: [HONEST_BYPASS, OF_PRODUCT, /\b(?:dataset|fraud|recogni\w*|identif\w*)\b/],
  },
  {
    pattern:
      /\bcaptchas?(?: \w{1,12}){0,3} (?:solv\w+|bypass\w*)\b|\b(?:solv\w+|bypass\w*|crack\w*)(?: \w{1,12}){0,3} (?:\w{0,6}captchas?|rate ?limits?)\b|\brate ?limits? bypass\b/g,
    strength: 0.55,
    unlessBefore: [NEGATED],
  },
];

export const findVerificationBypass = phraseFinder(
  'bypa pyba circ evad arou tric fool beat defe veri kyc pass unde dete ip ips sim sims patt noti fake forg nove coun edit capt reca hcap func rate',
  BYPASS_PHRASES,
);

const INTRUSION_PHRASES: Phrase[] = [
  {
    pattern:
      /\b(?:hack|hacking|hacker|crack|break into|get into|access)(?: (?:to|into|a|an|the|my|his|her|their|someone'?s|somebody'?s|another|ex|wife(?:'?s)?|husband(?:'?s)?|girlfriend(?:'?s)?|boyfriend(?:'?s)?|partner(?:'?s)?|youtube|facebook|instagram|snapchat|whatsapp|gmail|email|website|hack|who can|needed to)){1,6} (?:accounts?|e-?mails?|phones?|iphones?|facebook|instagram|snapchat|whatsapp|gmail|databases?|websites?(?: backend)?(?: database)?|passwords?)\b/g,
    strength: 0.95,
    unlessBefore: [NEGATED],
    unlessSentence: [
      /\b(?:ethical|pen ?test\w*|penetration|recover\w*|secur\w+|prevent\w*|protect\w*|against|was hacked|got hacked|been hacked|stop|remove|clean|attack\w*|audit|own account|locked out|you will (?:get|have)|give you|access to (?:a|an|the|our|my))\b/,
    ],
    needs:
      /\b(?:hack\w*|crack|break into|without (?:permission|password|knowing)|someone'?s|wife'?s|husband'?s|girlfriend'?s|boyfriend'?s)\b/,
  },
  {
    pattern: /\b(?:looking for|need|hire|want)(?: \w{1,12}){0,2} hackers?\b/g,
    strength: 0.85,
    unlessBefore: [NEGATED],
    unlessAfter: [/^(?: ?rank|athon|house)/],
    unlessSentence: [
      /\b(?:ethical|growth|white[- ]?hat|bio|penetration|pentest|crypto scam|security|hacker ?rank|hackathon)\b/,
    ],
  },
];

export const findUnauthorisedAccess = phraseFinder(
  'hack crac brea with some wife husb girl boyf',
  INTRUSION_PHRASES,
);

const UNPAID =
  "(?:unpaid|not (?:be )?paid|non-?paid|without pay(?:ment)?|free of charge|for free|no pay(?:ment)?|not compensated|won'?t be paid)";
const TRIAL =
  '(?:test|trial|sample|samples|assessment|first (?:task|project|article|design|week|day)|task|mock-?up)';
/** Things that are free for other reasons. */
const FREE_THINGS =
  /\b(?:free (?:trial|tier|plan|version|account|shipping|demo)|users?|customers?|subscri\w*|open source|software|error-?free|api|license|sign up|interview call|paid (?:test|trial)|guests?)\b/;

const UNPAID_PHRASES: Phrase[] = [
  {
    pattern: new RegExp(
      `\\bunpaid (?:\\w{1,12} ){0,2}(?:test|trial|task|sample|assignment|work|training|article|design|project|week)s?\\b`,
      'g',
    ),
    strength: 1,
    unlessBefore: [NEGATED],
    unlessSentence: [/\b(?:we (?:never|don'?t)|no unpaid|invoices?|leave)\b/],
  },
  {
    pattern: new RegExp(
      `\\b${TRIAL}\\b(?: \\w{1,12}){0,6} (?:is|are|will be|will|must be|should be|be)(?: \\w{1,12}){0,2} ${UNPAID}\\b`,
      'g',
    ),
    strength: 1,
    unlessBefore: [NEGATED, OF_OTHERS],
    unlessSentence: [FREE_THINGS],
  },
  {
    pattern: new RegExp(
      `\\b(?:free) (?:test|sample|trial) (?:work|task|article|design|project|logo|edit|video|page|post|translation|job|assignment)s?\\b|\\b(?:make|do|write|design|create|complete|submit|edit|translate|send)(?: \\w{1,12}){0,5} (?:${TRIAL})(?: \\w{1,12}){0,4} ${UNPAID}\\b|\\b(?:first|one|two|three|\\d) (?:articles?|designs?|videos?|logos?|tasks?|pages?|days?|weeks?)(?: \\w{1,12}){0,3} (?:for free|free of charge|unpaid|without pay(?:ment)?)\\b|\\b(?:design|write|make|do|create|complete|build)\\b[^.!?\\n]{0,40}?\\bfirst\\b(?: \\w{1,12}){0,2} (?:for free|free of charge|without pay(?:ment)?)|\\bwork(?:ing)? for free\\b`,
      'g',
    ),
    strength: 1,
    unlessBefore: [NEGATED, OF_OTHERS],
    unlessSentence: [FREE_THINGS],
  },
];

export const findUnpaidWork = phraseFinder('unpa paid free pay paym comp non', UNPAID_PHRASES);
