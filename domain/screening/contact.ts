import type { FoldedText } from './foldedText';
import { evidenceOf, isDisguised } from './foldedText';
import {
  hasStem,
  NEGATED,
  OF_OTHERS,
  OF_PRODUCT,
  type Phrase,
  type PhraseHit,
  phraseFinder,
  REFUSED,
} from './phrases';

const TELEGRAM = 't[e3][ -]?[l1][ -]?[e3][ -]?g[ -]?r[ -]?[a4@][ -]?m|telgram';
const WHATSAPP = "wh?[a4@]t'?s?[ -]?[a4@]pp?\\b|wattsapp?|watsapp?|whatapp";
const APPS = `(?:${TELEGRAM}|${WHATSAPP}|we ?chat\\b|viber\\b|wickr\\b|zangi\\b|botim\\b|threema\\b|kik\\b|snapchat\\b|(?:google )?hang-?outs?\\b|google chat\\b|discord\\b|skype\\b|signal\\b(?! ?(?:process|proc\\b|strength|generat|path|quality|integrity|flow|chain|analys|bot|copier|provider|from|to )))`;
const WAY = `(?:on|via|through|by|at|over|in|using|to)(?: (?:my|our|the|his|her|their|this|official|personal|business)){0,2}`;
const VERB =
  '(?:contact|message|msg|text|d\\.?m|pm|ping|reach(?: out)?|write|add|find|hit|inbox|call|chat|talk|speak|connect|get in touch|follow ?up|apply|reply|respond|send|buzz|join|get back|drop)';
const US =
  '(?:me|us|him|her|our|my|hr|the (?:hiring|hr|project|recruit\\w+|onboarding|account|team)|hiring|recruiter|manager|here|directly)';
const HANDLE = '(?:@ ?[a-z0-9_.]{4,32}|\\+ ?\\d[\\d ().-]{6,18}\\d|\\d[\\d ().-]{8,18}\\d|live:[.\\w]{3,40})';
/** What is built on a messenger, or done there for others. */
const MESSENGER_PRODUCT =
  /^'?s?[ -]?(?:bots?|api|business|cloud|channels?|groups?|buttons?|plugins?|integrations?|automation|marketing|mini ?apps?|web ?apps?|clone|templates?|chat ?bots?|communit|server|web\b|web3|stories|ads?\b|scrap|members|numbers of|tts)/;
const CHANNEL =
  /\b(?:scrap\w*|channels?|groups?|bots?|chat ?bots?|api|communit\w+|clone|mini ?app|webhooks?|notif\w+|alerts?|server|signals? copier|moderat\w+)\b/;

/** Contact by messenger: an invitation to one, or a handle there. */
const MESSENGER_PHRASES: Phrase[] = [
  {
    pattern: new RegExp(`${APPS}(?![ -]?(?:bot|api|channel|group))[^\\n@+\\d]{0,30}${HANDLE}`, 'g'),
    strength: 1,
    unlessSentence: [CHANNEL, REFUSED],
    unlessBefore: [NEGATED],
  },
  {
    pattern: new RegExp(`\\b${VERB}\\b[^.!?\\n]{0,40}?\\b${US}\\b[^.!?\\n]{0,40}?\\b${WAY} (?:${APPS})`, 'g'),
    strength: 0.95,
    unlessBefore: [NEGATED, OF_OTHERS],
    unlessAfter: [MESSENGER_PRODUCT],
    unlessSentence: [REFUSED],
  },
  {
    // An address at a messenger, given to the reader.
    pattern:
      /\b(?:contact|message|msg|text|write|reach|join|chat|add|talk|apply|dm|click|here)\b[^.!?\n]{0,60}?\b(?:t\.me\/[a-z0-9_+]{4,40}|wa\.me\/\+?\d{6,18}|wa\.link\/[a-z0-9]{3,20}|telegram\.me\/[a-z0-9_]{4,40})/g,
    strength: 0.95,
    unlessBefore: [NEGATED, OF_OTHERS],
    unlessSentence: [/\b(?:scrap\w*|channels?|bots?|clone|similar|like this|example)\b/, REFUSED],
  },
  {
    pattern: new RegExp(
      `\\b(?:interview(?:ed)?|briefing|briefed|onboarding|trained|training|contacted|conversation|discussion)s?\\b[^.!?\\n]{0,40}?\\b${WAY} (?:${TELEGRAM}|${WHATSAPP}|signal\\b|wire\\b|(?:google )?hang-?outs?\\b)`,
      'g',
    ),
    strength: 0.9,
    unlessBefore: [NEGATED, OF_OTHERS],
    unlessAfter: [MESSENGER_PRODUCT],
    unlessSentence: [REFUSED, CHANNEL],
  },
  {
    pattern: new RegExp(
      `\\b(?:message|text|contact|talk|chat|write|dm|ping|reach|apply|reply|respond|move|continue|discuss)(?: \\w{1,12}){0,2} (?:on|via|over|through|at|to) (?:${TELEGRAM}|${WHATSAPP}|signal\\b)(?: (?:first|only|now|asap|directly|please|immediately)|[,.!:]|$)`,
      'gm',
    ),
    strength: 0.9,
    unlessBefore: [NEGATED, OF_OTHERS],
    unlessSentence: [REFUSED, CHANNEL, OF_PRODUCT],
  },
  {
    pattern: new RegExp(
      `\\b(?:my|our|hr'?s?|manager'?s?) (?:${TELEGRAM}|${WHATSAPP}|signal|wechat|viber)(?: (?:id|number|handle|username|contact|no))?(?: is|:| -)`,
      'g',
    ),
    strength: 0.9,
    unlessSentence: [CHANNEL, OF_PRODUCT],
  },
  {
    pattern: new RegExp(
      `\\b(?:send|share|drop|leave|provide|include|give)\\b[^.!?\\n]{0,30}?\\byour (?:${TELEGRAM}|${WHATSAPP}|skype|wechat)(?: (?:id|number|handle|username|contact|no))?`,
      'g',
    ),
    strength: 0.6,
    unlessBefore: [NEGATED, OF_OTHERS],
    unlessSentence: [REFUSED],
  },
  {
    pattern: new RegExp(
      `\\b(?:available|communicat\\w+|collaborat\\w+|responsive|reachable|meetings?)\\b[^.!?\\n]{0,40}?\\b${WAY} (?:${APPS})`,
      'g',
    ),
    strength: 0.3,
    unlessBefore: [NEGATED, OF_OTHERS],
    unlessAfter: [MESSENGER_PRODUCT],
    unlessSentence: [REFUSED, OF_PRODUCT],
  },
];

export const findMessenger = phraseFinder(
  'tele te1e t3le tel3 t3l3 te13 tel te t telg what wh wats watt w4ts wh4t wapp whta wech we vibe wick zang boti thre kik snap hang goog chat disc skyp sign wire wa',
  MESSENGER_PHRASES,
  new RegExp(`${APPS}|t\\.me/|wa\\.me/|wa\\.link/|\\bwire\\b`),
);

const EMAIL_SOURCE =
  '(?<![\\w.+/-])[a-z0-9][\\w.+-]{0,63}@ ?(?:[a-z0-9-]{1,63}\\.){1,4}[a-z]{2,24}(?![\\w-])';
const FREE_MAIL_SOURCE =
  '(?<![\\w.+/-])[a-z0-9][\\w.+-]{0,63}@ ?(?:gmail|googlemail|yahoo|ymail|hotmail|outlook|live|aol|proton|protonmail|gmx|mail|yandex|zoho|icloud|tutanota|rediffmail)\\.[a-z.]{2,9}';
const WRITE_TO_US =
  '\\b(?:e-?mail|mail|send|contact|write|reach|apply|forward|submit|resumes?|cvs?|cover letter|portfolio|reply|respond|inquir\\w+|details|interested|ask for)\\b';
/** An address given for signing in, or shown as a sample. */
const SAMPLE_ADDRESS =
  /\b(?:log ?in|sign ?in|password|passwd|credentials|username|user:|test account|demo account|noreply|no-reply|error|smtp|placeholder|for example|e\.g)/;

const EMAIL_PHRASES: Phrase[] = [
  {
    pattern: new RegExp(`${WRITE_TO_US}[^!?\\n]{0,120}?${FREE_MAIL_SOURCE}`, 'g'),
    strength: 1,
    unlessSentence: [SAMPLE_ADDRESS, REFUSED],
    unlessBefore: [NEGATED],
  },
  {
    pattern: new RegExp(`${WRITE_TO_US}[^!?\\n]{0,120}?${EMAIL_SOURCE}`, 'g'),
    strength: 0.75,
    unlessSentence: [SAMPLE_ADDRESS, REFUSED],
    unlessBefore: [NEGATED],
  },
  { pattern: new RegExp(FREE_MAIL_SOURCE, 'g'), strength: 0.6, unlessSentence: [SAMPLE_ADDRESS] },
  { pattern: new RegExp(EMAIL_SOURCE, 'g'), strength: 0.4, unlessSentence: [SAMPLE_ADDRESS] },
];

export const findEmail = phraseFinder('@', EMAIL_PHRASES);

const PHONE_SOURCE =
  '(?<![\\w/=.-])(?:\\+ ?\\d[\\d ().-]{7,17}\\d|\\(?\\d{3}\\)?[ .-]\\d{3}[ .-]\\d{4})(?![\\w/-])';
/** Numbers that are looked at, not called. */
const OTHER_NUMBER =
  /\b(?:order|invoice|isbn|vat|part|model|format|regex|e\.g|sample|hotline|button|widget|footer|header|on (?:the|our) (?:web ?)?site|twilio|sip|ivr|scal\w*|licen[cs]e|passport|case|milestone|population|dataset|version)\b/;

const PHONE_PHRASES: Phrase[] = [
  {
    pattern: new RegExp(
      `\\b(?:call|text|sms|phone|dial|ring|contact|reach|message|imessage|cell|mobile|tel)\\b[^.!?\\n]{0,50}?${PHONE_SOURCE}`,
      'g',
    ),
    strength: 1,
    unlessBefore: [NEGATED, OF_OTHERS],
    unlessSentence: [OTHER_NUMBER, REFUSED],
  },
  { pattern: new RegExp(PHONE_SOURCE, 'g'), strength: 0.5, unlessSentence: [OTHER_NUMBER] },
];

export const findPhone = phraseFinder(
  '#',
  PHONE_PHRASES,
  // Seven digits in a row, however they are set apart.
  /\d(?:[ ().-]{0,3}\d){6}/,
);

const AT = '(?:\\[ ?(?:at|@) ?\\]|\\( ?(?:at|@) ?\\)|\\{ ?(?:at|@) ?\\}|< ?at ?>)';
const DOT = '(?:\\[ ?(?:dot|\\.) ?\\]|\\( ?(?:dot|\\.) ?\\)|\\{ ?(?:dot|\\.) ?\\}|< ?dot ?>|\\.| dot )';
const ENDING = '(?:com|org|net|io|co|info|me|ru|de|uk|in|edu|biz|xyz|online|site|app|dev|eu|us|pk|ng)\\b';

/** Addresses and handles spelled so that a filter does not see them. */
const OBFUSCATED_PHRASES: Phrase[] = [
  { pattern: new RegExp(`${AT} ?[\\w-]{2,40} ?${DOT} ?${ENDING}`, 'g'), stems: 'at @', strength: 1 },
  {
    pattern: new RegExp(`\\b[\\w.+-]{2,40} at [\\w-]{2,40} ?(?:\\(|\\[| )dot(?:\\)|\\]| ) ?${ENDING}`, 'g'),
    stems: 'dot',
    strength: 1,
  },
  {
    pattern:
      /\b[\w.+-]{2,40} (?:at|@|\(at\)|\[at\]) ?(?:gmail|yahoo|hotmail|outlook|proton) ?(?:dot |\. ?)?com\b/g,
    stems: 'gmai yaho hotm outl prot',
    strength: 0.95,
  },
  {
    pattern: /\b(?!snake|with|an|the|a\b)[a-z0-9]{2,30} underscore [a-z0-9]{2,30}\b/g,
    stems: 'unde',
    strength: 0.8,
    needs: /\b(?:telegram|whatsapp|signal|contact|add|message|write|find)/,
  },
  {
    pattern: /\b(?:replace|remove|without|no|delete) (?:the )?(?:spaces?|words?|brackets|dots|stars)\b/g,
    stems: 'spac word brac dots star',
    strength: 0.8,
    needs: /\b(?:telegram|whatsapp|signal\b|e-?mail|contact|write to|add me|message me|@|gmail|t\.me)/,
  },
];

const findObfuscatedAddress = phraseFinder(
  'at @ dot gmai yaho hotm outl prot unde repl remo dele spac brac',
  OBFUSCATED_PHRASES,
);

const DISGUISED_NAMES = new RegExp(`(?:${TELEGRAM}|${WHATSAPP}|\\bgmail\\b|\\bsignal\\b|\\bskype\\b)`, 'g');
/** Digits for letters, or more breaks than the one of a slip. */
const BROKEN_NAME = /[\d@]|^t.*[ -].*[ -]/;
/** Beginnings of names in which digits stand for letters, or which are broken up. */
const BROKEN_NAMES = ['te1e', 't3le', 't3l3', 'tel3', 'te13', 'wh4t', 'w4ts', 'tele', 'tel', 'te'];

export function findObfuscation(text: FoldedText): PhraseHit | null {
  return findDisguisedName(text) ?? findObfuscatedAddress(text);
}

function findDisguisedName(text: FoldedText): PhraseHit | null {
  const isPlain = text.origins === null && text.folded === text.original.toLowerCase();
  if (isPlain && !text.stems.has('@') && !hasStem(text, BROKEN_NAMES)) return null;
  for (const match of text.folded.matchAll(DISGUISED_NAMES)) {
    const [start, end] = [match.index, match.index + match[0].length];
    if (!isDisguised(text, start, end) && !BROKEN_NAME.test(match[0])) continue;
    return { evidence: evidenceOf(text, start, end), strength: 1, start, end };
  }
  return null;
}

/** A form elsewhere through which to apply. */
const FORM_PHRASES: Phrase[] = [
  {
    pattern:
      /\b(?:docs\.google\.com\/forms|forms\.gle|forms\.office\.com|typeform\.com\/to|forms\.clickup\.com|jotform\.com|airtable\.com\/(?:shr|app)|surveymonkey\.com\/r|form\.run|tally\.so\/r)\/?[\w/-]{0,80}/g,
    strength: 1,
    unlessSentence: [/\b(?:like this|similar|clone|redesign|connect|integrat\w+|zapier|embed\w*)\b/],
  },
];

export const findApplicationForm = phraseFinder('form docs type joti jotf airt surv tall', FORM_PHRASES);

const SHORTENED_LINKS: Phrase[] = [
  {
    pattern:
      /(?<![\w.-])(?:bit\.ly|tinyurl\.com|goo\.gl|cutt\.ly|t\.ly|is\.gd|ow\.ly|rb\.gy|shorturl\.at|rebrand\.ly|tiny\.cc|buff\.ly|adf\.ly|t\.co|shorte\.st|v\.gd|s\.id|lnkd\.in|urlz\.fr|soo\.gd|bl\.ink|short\.gy|tr\.ee|linktr\.ee)\/[\w./-]{1,80}/g,
    strength: 1,
  },
];

export const findShortenedLink = phraseFinder(
  'bit tiny goo cutt t is ow rb shor rebr buff adf v s lnkd urlz soo bl tr link',
  SHORTENED_LINKS,
);
