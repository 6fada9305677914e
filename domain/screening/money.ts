import { NEGATED, OF_OTHERS, OF_PRODUCT, type Phrase, phraseFinder, REFUSED } from './phrases';

const AMOUNT =
  '(?:[$€£] ?\\d[\\d,.]{0,9}|\\d[\\d,.]{0,9} ?(?:\\$|€|£|usd\\b|usdt\\b|dollars?\\b|eur(?:os?)?\\b|inr\\b|rs\\b|rupees\\b|pkr\\b|naira\\b))';
/** Ways to be paid that leave no trace or cannot be taken back. */
const UNTRACEABLE =
  '(?:western union|money ?gram|zelle|cash ?app|venmo|gift ?cards?|steam cards?|usdt|usdc|tether|bitcoins?|btc|eth(?:ereum)?|crypto(?: ?currency| ?currencies)?|paypal (?:friends|f ?& ?f|ff\\b)|friends (?:and|&) family|perfect money|webmoney)';
const OTHER_WAYS =
  '(?:paypal|payoneer|wise\\b|upi\\b|paytm|gcash|jazzcash|easypaisa|bank transfer|wire transfer|direct deposit|cash\\b)';
const PAY = '(?:pay(?:ment|ments|ing|out|outs|s)?|paid|salary|wages|deal|money)';
const BY = '(?:by|via|in|with|through|using|per|as|on|to)';

const OUTSIDE_PHRASES: Phrase[] = [
  {
    pattern: new RegExp(
      `\\b(?:${PAY}|transact\\w*|hired?|contracts?)\\b[^.!?\\n]{0,60}?\\b(?:outside|off)(?: of| from)? (?:the |this |of |any |that )?(?:upwork|(?:freelanc\\w+ )?platforms?|(?:this )?site|system|fiverr|freelancer|here)`,
      'g',
    ),
    strength: 1,
    unlessBefore: [NEGATED, OF_OTHERS],
    unlessSentence: [REFUSED, /\b(?:never|do not|don'?t|not)\b[^.!?]{0,60}\b(?:outside|off)\b/],
  },
  {
    pattern: new RegExp(
      `\\b(?:outside|off)(?: of| from)? (?:the |this |of |any )?(?:upwork|platform|site)\\b[^.!?\\n]{0,40}?\\b(?:so (?:that )?(?:nobody|no one|we|you)|to (?:save|avoid)|fees?|commission)`,
      'g',
    ),
    strength: 1,
    unlessBefore: [NEGATED],
    unlessSentence: [REFUSED],
  },
  {
    pattern: new RegExp(
      `\\b(?:we|i|i'?ll|we'?ll|will|client|company|boss)(?: \\w{1,12}){0,2} pay\\b[^.!?\\n]{0,40}?\\b${BY} (?:\\w{1,12} ){0,2}${UNTRACEABLE}`,
      'g',
    ),
    strength: 1,
    unlessBefore: [NEGATED, OF_OTHERS],
    unlessSentence: [REFUSED],
  },
  {
    pattern: new RegExp(
      `\\b(?:you|you'?ll|salary|wages|your (?:pay|payment|salary|money))\\b[^.!?\\n]{0,30}?\\b(?:paid|pay|receive|payable|sent|salary)\\b[^.!?\\n]{0,30}?\\b${BY} (?:\\w{1,12} ){0,2}${UNTRACEABLE}`,
      'g',
    ),
    strength: 1,
    unlessBefore: [NEGATED, OF_OTHERS],
    unlessSentence: [REFUSED],
  },
  {
    pattern: new RegExp(
      `(?:^|[.!?\\n,;] ?)(?:all )?payments?(?: \\w{1,10}){0,6} ${BY} (?:\\w{1,12} ){0,1}${UNTRACEABLE}`,
      'g',
    ),
    strength: 0.95,
    unlessBefore: [NEGATED, OF_OTHERS],
    unlessAfter: [/^[^.!?]{0,20}\b(?:integrat|gateway|api|checkout|support)/],
    unlessSentence: [
      REFUSED,
      OF_PRODUCT,
      /\b(?:categori\w*|reconcil\w*|record\w*|bookkeep\w*|quickbooks|accept|customers?|users?|clients can|our (?:shop|store|site))\b/,
    ],
  },
  {
    pattern: new RegExp(
      `\\b(?:i|we|i'?ll|we'?ll|will|you)(?: \\w{1,12}){0,3} (?:pay|paid)\\b[^.!?\\n]{0,30}?\\b${BY} (?:\\w{1,12} ){0,1}${OTHER_WAYS}`,
      'g',
    ),
    strength: 0.6,
    unlessBefore: [NEGATED, OF_OTHERS],
    unlessSentence: [REFUSED, OF_PRODUCT],
  },
  {
    pattern: new RegExp(
      `\\b(?:then|later|afterwards|move|switch|continue)(?: \\w{1,12}){0,3} (?:to|via|on|through) (?:${UNTRACEABLE}|${OTHER_WAYS})`,
      'g',
    ),
    strength: 0.9,
    unlessBefore: [NEGATED, OF_OTHERS],
    unlessSentence: [REFUSED, OF_PRODUCT],
    needs: /\b(?:pay|paid|payments?|fees?|hire|contract)\b/,
  },
  {
    pattern:
      /\b(?:avoid|save|skip|bypass|without|escape|no)(?: \w{1,12}){0,3} (?:upwork|platform|service|upwork'?s)(?: \w{1,12}){0,1} (?:fees?|commissions?|cut)\b/g,
    strength: 0.85,
    unlessSentence: [REFUSED, OF_PRODUCT],
  },
];

export const findOutsidePayment = phraseFinder(
  'outs off west mone zell cash venm gift stea usdt usdc teth bitc btc eth ethe cryp payp frie webm perf payo wise upi payt gcas jazz easy bank wire dire fee fees comm cut',
  OUTSIDE_PHRASES,
);

const FEE_KIND =
  '(?:registration|sign-?up|enrol?l?ment|enrolling|security|refundable|training|application|processing|onboarding|activation|joining|membership|starter|administration|admin|background check|verification|id card|insurance|commitment|caution|agreement|stamp|server|software|licen[cs]e|kit|form)';
const FEE = '(?:fees?|deposits?|charges?|kits?|packs?|packages?|payments?|amount)';
const FEE_NAME = `(?:(?:refundable|small|one[ -]?time|initial|security|nominal|upfront) ){0,3}${FEE_KIND}(?: (?:security|registration|processing|software|and \\w+)){0,2} ${FEE}`;
const YOU =
  '(?:you|u|candidates?|applicants?|freelancers?|workers?|selected|interested|everyone|each (?:person|worker|candidate))';
const NOT_CHARGED = /\b(?:no|without|never|zero|free of|not|don'?t|waive\w*|cover your)\b[^.!?,;]{0,40}$/;
const HONEST_FEE =
  /\b(?:customers?|members?|tenants?|renters?|students?|guests?|players|parents?|users?|visitors?|attendees|teams|bottles?|crates?|kegs?|rental|booking|module|stripe|checkout|scots|conference|journal|court|filing|trademark|official fees)\b/;

const FEE_PHRASES: Phrase[] = [
  {
    pattern: new RegExp(
      `\\b${YOU}\\b[^.!?\\n]{0,60}?\\b(?:pay|paid|make|deposit|send|buy|purchase|cover|transfer|submit)\\b[^.!?\\n]{0,40}?\\b${FEE_NAME}`,
      'g',
    ),
    strength: 1,
    unlessBefore: [NOT_CHARGED, OF_OTHERS],
    unlessSentence: [/\b(?:not|never|no|don'?t)(?: \w+){0,4} (?:pay|fee|deposit|charge)/, HONEST_FEE],
  },
  {
    pattern: new RegExp(
      `(?:^|[^a-z0-9,'"$ -] ?)(?:just |please |first )?(?:pay|deposit|send|make)(?: \\w{1,10}){0,3}[ -]+${FEE_NAME}`,
      'g',
    ),
    strength: 0.95,
    unlessSentence: [HONEST_FEE],
  },
  {
    pattern: new RegExp(
      `\\b${FEE_NAME}[^.!?\\n]{0,20}?\\b(?:of|is|:)? ?${AMOUNT}[^.!?\\n]{0,80}?\\b(?:refund\\w*|returned|back|before|start|receive|required|laptop|salary|advance)`,
      'g',
    ),
    strength: 0.95,
    unlessBefore: [NOT_CHARGED],
    unlessSentence: [HONEST_FEE],
  },
  {
    pattern: new RegExp(
      `(?:^|[.!?\\n] ?)(?:the |a |an )?(?:${FEE_NAME}|registration)(?: is| of| costs?|:|=)? ?(?:only )?${AMOUNT}`,
      'g',
    ),
    strength: 0.85,
    unlessSentence: [HONEST_FEE, OF_PRODUCT],
  },
  {
    pattern: new RegExp(
      `\\b(?:after|once|when|until)(?: \\w{1,12}){0,1} you(?:'ve| have|'ll)? (?:paid|pay|made|make|sent|deposited?)(?: \\w{1,12}){0,4} (?:${FEE_KIND}|${FEE})`,
      'g',
    ),
    strength: 0.95,
    unlessSentence: [HONEST_FEE],
  },
  {
    pattern:
      /\b(?:to (?:start|begin|join|apply|unlock|activate|receive|be considered)|before (?:you )?start\w*)\b[^.!?\n]{0,50}?\byou(?: \w{1,12}){0,3} (?:pay|deposit|transfer|send us|invest)\b/g,
    strength: 0.8,
    unlessBefore: [NEGATED, OF_OTHERS],
    unlessSentence: [/\b(?:not|never|no|don'?t)(?: \w+){0,3} (?:pay|deposit)/, HONEST_FEE, OF_PRODUCT],
  },
  {
    pattern:
      /\b(?:your|the) (?:registration |joining |training )?(?:fee|deposit)s? (?:comes?|is|will be|gets?)(?: \w{1,12}){0,2} (?:back|refunded|returned|tripled?|doubled?)\b/g,
    strength: 0.9,
    unlessSentence: [HONEST_FEE, OF_PRODUCT],
  },
];

export const findUpfrontFee = phraseFinder(
  'fee fees depo char kit kits pack amou paym paid pay made make sent tran inve',
  FEE_PHRASES,
);

const PURCHASE_PHRASES: Phrase[] = [
  {
    pattern:
      /\b(?:you(?:'ll)?|candidates?|applicants?|freelancers?)\b[^.!?\n]{0,40}?\b(?:must|have to|need to|will|should|required to|got to)(?: \w{1,12}){0,3} (?:buy|purchase|pay for|order)\b[^.!?\n]{0,40}?\b(?:registration kit|starter kit|training (?:kit|materials?|course|package)|work kit|log-?in (?:id|details)|credentials|certificate|equipment|laptop|macbook|software|licen[cs]e)/g,
    strength: 0.9,
    unlessBefore: [NEGATED, OF_OTHERS],
    unlessSentence: [
      /\b(?:not|never|no need|don'?t)(?: \w+){0,3} (?:buy|purchase|pay)/,
      /\b(?:users?|customers?|app|website|reimburs\w*)\b/,
    ],
  },
  {
    pattern:
      /\b(?:buy|purchase|order|get)\b[^.!?\n]{0,40}?\b(?:equipment|laptop|supplies|software|tools|materials|kit)\b[^.!?\n]{0,30}?\bfrom (?:our|the company'?s?|an? (?:approved|certified|accredited)|the (?:approved|certified)) (?:\w+ ){0,2}(?:vendor|supplier|store|shop|partner|dealer)/g,
    strength: 1,
    unlessBefore: [NEGATED, OF_OTHERS],
  },
  {
    pattern:
      /\b(?:check|cheque|money|funds|e-?check|payment)\b[^.!?\n]{0,40}?\b(?:to|for)(?: \w{1,12}){0,3} (?:equipment|office supplies|home office|working materials|macbook|laptop)\b/g,
    strength: 0.9,
    unlessBefore: [NEGATED, OF_OTHERS],
    unlessSentence: [OF_PRODUCT],
    needs: /\b(?:check|cheque|mail|send|receive|deposit)\b.{0,80}\byour?\b|\byou\b/,
  },
];

export const findPaidEquipment = phraseFinder('buy purc pay orde chec cheq mone fund get', PURCHASE_PHRASES);

const TRANSFER_PHRASES: Phrase[] = [
  {
    pattern:
      /\b(?:checks?|cheques?)\b[^.!?\n]{0,60}?\b(?:deposit|cash)\b[^.!?\n]{0,60}?\b(?:your|personal|ur)\b(?: \w{1,12}){0,2} (?:bank|account|app)/g,
    stems: 'chec cheq',
    strength: 1,
    unlessSentence: [OF_PRODUCT],
  },
  {
    pattern:
      /\b(?:deposit|cash)(?:ing)?(?: \w{1,12}){0,3} (?:checks?|cheques?)\b[^.!?\n]{0,60}?\b(?:your|personal|keep|percent|%|forward|send)\b/g,
    stems: 'chec cheq',
    strength: 1,
    unlessBefore: [OF_OTHERS],
    unlessSentence: [OF_PRODUCT],
  },
  {
    pattern:
      /\b(?:receive|accept|process|collect|get)(?:ing)?(?: \w{1,12}){0,3} (?:payments?|money|funds|transfers?|donations)\b[^.!?\n]{0,40}?\b(?:in|into|to|through|using|via|on) your(?: own| personal)?(?: \w{1,12}){0,2} ?(?:bank|paypal|zelle|cash ?app|venmo|wallet|account)/g,
    stems: 'bank payp zell cash venm wall acco',
    strength: 1,
    unlessBefore: [NEGATED, OF_OTHERS],
    unlessSentence: [OF_PRODUCT],
  },
  {
    pattern:
      /\b(?:use|using|need|provide|rent|lend|open)\b[^.!?\n]{0,20}?\b(?:your|a us|usa|uk|personal)(?: \w{1,12}){0,2} bank account\b[^.!?\n]{0,60}?\b(?:receive|transfer|payments?|payouts?|funds|commission|percent|%)/g,
    stems: 'bank',
    strength: 1,
    unlessBefore: [NEGATED, OF_OTHERS],
    unlessSentence: [OF_PRODUCT],
  },
  {
    pattern:
      /\b(?:buy|purchase|get)(?: \w{1,12}){0,5} (?:gift|itunes|steam|amazon|google play) ?cards?\b[^.!?\n]{0,80}?\b(?:codes?|scratch|photos?|pictures?|forward|send)/g,
    stems: 'card',
    strength: 1,
    unlessBefore: [NEGATED, OF_OTHERS],
    unlessSentence: [
      /\b(?:api|feature|our (?:shop|store)|website|app|design\w*|module|customers?|users?|platform|marketplace)\b/,
    ],
  },
  {
    pattern:
      /\bkeep(?:ing)? (?:[$€£]? ?\d[\d,.]{0,6} ?(?:%|percent|dollars)?|the rest|a percentage|your (?:pay|commission|cut))[^.!?\n]{0,60}?\b(?:forward|send|transfer|rest|balance|remaining)/g,
    stems: 'keep',
    strength: 0.9,
    unlessBefore: [NEGATED, OF_OTHERS],
    needs: /\b(?:check|cheque|account|payments?|transfer|gift|cash|deposit|profit|funds)\b/,
  },
  {
    pattern:
      /\b(?:receive|inspect|repack\w*|re-?ship\w*|forward)(?: \w{1,12}){0,4} (?:packages?|parcels?)\b[^.!?\n]{0,60}?\b(?:your (?:home|address|house|place)|from home|at home|re-?ship|forward|ship (?:them|it))/g,
    stems: 'pack parc',
    strength: 0.9,
    unlessBefore: [NEGATED, OF_OTHERS],
    unlessSentence: [OF_PRODUCT],
  },
  {
    pattern:
      /\b(?:exchange|convert|swap|sell|transfer)(?: \w{1,12}){0,3} (?:usdt|btc|bitcoin|crypto|currency|dollars|euros|funds)\b[^.!?\n]{0,40}?\b(?:for us|for me|on (?:our|my) behalf|(?:to|from|with) your (?:\w{1,12} )?(?:account|wallet|bank))/g,
    stems: 'usdt btc bitc cryp curr doll euro fund',
    strength: 0.95,
    unlessBefore: [NEGATED, OF_OTHERS],
    unlessSentence: [OF_PRODUCT],
  },
  {
    pattern:
      /\b(?:money transfer agent|payment (?:processing )?agent|cash ?out agent|financial transfer assistant|crypto (?:exchange )?agent (?:needed|wanted))\b/g,
    strength: 0.8,
    unlessSentence: [OF_PRODUCT],
  },
];

export const findMoneyTransfer = phraseFinder(
  'chec cheq acco payp zell cash venm wall bank card keep pack parc usdt btc bitc cryp curr doll euro fund agen fina paym tran app',
  TRANSFER_PHRASES,
);

const DOUBLING_PHRASES: Phrase[] = [
  {
    pattern:
      /\b(?:double|doubles|doubling|triple|triples|multiply|multiplies|10x)(?: \w{1,12}){0,4} (?:investment|money|deposit|payment|bitcoins?|btc|crypto|usdt|capital|coins|funds|balance)\b/g,
    stems: 'doub trip mult 10x',
    strength: 0.9,
    unlessBefore: [NEGATED],
    needs: /\b(?:your|guarantee\w*|within|hours?|days?|join|earn|invest)\b/,
  },
  {
    pattern:
      /\bdoubles? (?:it|them|this)(?: \w{1,12}){0,2} (?:(?:within|in) \d{1,3} (?:hours?|days?|weeks?)|daily|weekly|every (?:day|week))/g,
    stems: 'doub',
    strength: 1,
    needs: /\b(?:usdt|btc|bitcoin|crypto|wallet|invest\w*|deposit|balance|money|traders?|forex|[$€])/,
  },
  {
    pattern:
      /\bguaranteed(?: \w{1,12}){0,2} (?:profits?|returns?|roi|income|earnings)\b|\b(?:profits?|returns?)(?: \w{1,12}){0,3} guaranteed\b|\b\d{1,3} ?% (?:daily|weekly|per day|a day|per week|monthly) (?:profits?|returns?|roi|interest)/g,
    stems: 'guar prof retu roi inte',
    strength: 0.7,
    unlessBefore: [NEGATED],
    unlessSentence: [/\b(?:bot|backtest\w*|strategy|ea\b|indicator|promise|claims?)\b/],
  },
  {
    pattern: new RegExp(
      `\\b(?:you|transfer|deposit|invest|send|fund)\\b[^.!?\\n]{0,50}?\\b(?:transfer|deposit|invest|send|fund)?\\b[^.!?\\n]{0,20}?(?:at least |minimum (?:of )?|only )${AMOUNT}[^.!?\\n]{0,50}?\\b(?:balance|wallet|trad(?:ing|ers?)|profit|platform|account|invest\\w*)`,
      'g',
    ),
    stems: 'usdt btc bitc cryp wall trad prof inve fore',
    strength: 0.8,
    needs: /\b(?:usdt|btc|bitcoin|crypto|wallet|trading|traders?|forex|profits?|invest\w*)\b/,
    unlessSentence: [OF_PRODUCT, /\b(?:users?|customers?|players?)\b/],
  },
  {
    pattern:
      /\bsend\b[^!?\n]{0,20}?\b(?:btc|eth|usdt|bitcoins?|crypto)\b[^!?\n]{0,40}?\b(?:receive|get)\b[^!?\n]{0,40}?\bback\b/g,
    stems: 'btc eth usdt bitc cryp',
    strength: 1,
    unlessBefore: [NEGATED, OF_OTHERS],
    unlessSentence: [OF_PRODUCT],
  },
  {
    pattern:
      /\b(?:btc|usdt|bitcoin|tether|eth)\b(?:[ /&,]+\w{1,8}){0,2}[ -]flash(?:ing|er)?\b|\bflash(?:ing)? (?:usdt|btc|bitcoin|tether)\b/g,
    strength: 1,
    unlessAfter: [/^ (?:loan|arbitrage|swap)/],
  },
];

export const findCryptoDoubling = phraseFinder(
  'doub trip mult 10x guar prof retu roi inte flas usdt btc bitc cryp wall trad inve',
  DOUBLING_PHRASES,
);
