import { NEGATED, OF_OTHERS, OF_PRODUCT, type Phrase, phraseFinder, REFUSED } from './phrases';

const DOCUMENT =
  "(?:passport(?! ?-? ?(?:style|fashion|size|photo|js|jwt))|driver'?s? licen[cs]e|driving licen[cs]e|(?:national |government |photo |valid |state )?id(?: ?cards?| document)?\\b|identity (?:card|document)|ssn\\b|social security(?: number| card)?|bank (?:statement|details|log-?in|name|account (?:number|details))|credit card|utility bill|date of birth)";
/** Products that check identities: their users hand in the documents. */
const CHECKING =
  /\b(?:kyc|users?|customers?|guests?|drivers|tenants?|patients?|onboarding flow|upload feature|ocr|extract|verification (?:system|module|api|flow)|employees? module|dataset|train(?:ing)? (?:data|a model))\b/;

const DOCUMENT_PHRASES: Phrase[] = [
  {
    pattern: new RegExp(
      `\\b(?:send|provide|submit|upload|attach|include|share|forward|give|e-?mail|need|ask for|text)\\b[^.!?\\n]{0,100}?\\b(?:copy|photos?|pictures?|picture|scan|image|front|selfie)\\b[^.!?\\n]{0,30}?\\b(?:your|ur) (?:\\w{1,12} ){0,2}${DOCUMENT}`,
      'g',
    ),
    strength: 1,
    unlessBefore: [NEGATED, OF_OTHERS],
    unlessSentence: [CHECKING, REFUSED],
  },
  {
    pattern: new RegExp(
      `\\b(?:send|provide|submit|share|forward|give|e-?mail|text)\\b[^.!?\\n]{0,60}?\\b(?:full name|home address|address|date of birth|name)\\b[^.!?\\n]{0,60}?\\b(?:bank|ssn|social security|id\\b|account number|date of birth)`,
      'g',
    ),
    strength: 1,
    unlessBefore: [NEGATED, OF_OTHERS],
    unlessSentence: [CHECKING, REFUSED, OF_PRODUCT],
  },
  {
    pattern: new RegExp(
      `\\b(?:send|provide|submit|share|give|need)(?: \\w{1,12}){0,3} (?:your|ur) (?:\\w{1,12} ){0,2}${DOCUMENT}`,
      'g',
    ),
    strength: 0.8,
    unlessBefore: [NEGATED, OF_OTHERS],
    unlessSentence: [CHECKING, REFUSED, OF_PRODUCT],
  },
];

/** Asks the applicant for identity documents or bank details. */
export const findIdentityRequest = phraseFinder(
  'pass lice id ids iden ssn soci bank cred util birt',
  DOCUMENT_PHRASES,
);

const CODE =
  '(?:otp|2fa(?: code)?|(?:verification|sms|security|confirmation|authenticat\\w+|one[- ]time|login|pin) ?codes?|one[- ]time passwords?|sms verifications?)';

const CODE_PHRASES: Phrase[] = [
  {
    pattern:
      /\b(?:code|otp|pin|sms)\b(?: \w{1,12}){0,4} (?:you (?:will |'ll )?(?:receive|get)|(?:sent|arriv\w+|that comes?)(?: \w{1,12}){0,1} (?:to|on) (?:you|your (?:phone|number|mobile)))/g,
    strength: 1,
    unlessBefore: [NEGATED, OF_OTHERS],
    unlessSentence: [OF_PRODUCT, /\b(?:users?|customers?)\b/],
  },
  {
    pattern: new RegExp(
      `\\b(?:send|give|forward|share|tell|provide|read)(?: \\w{1,12}){0,3} (?:us |me |the |your )(?:\\w{1,12} ){0,2}${CODE}`,
      'g',
    ),
    strength: 0.95,
    unlessBefore: [NEGATED, OF_OTHERS],
    unlessSentence: [OF_PRODUCT, /\b(?:users?|customers?)\b/],
  },
  {
    pattern:
      /\b(?:help|need|looking for|want)\b[^.!?\n]{0,40}?\b(?:to )?(?:receive|get)(?:ing)? (?:an? |the |one )?(?:sms|otp|verification code|text code)s?\b/g,
    strength: 0.9,
    unlessBefore: [NEGATED, OF_OTHERS],
    unlessSentence: [OF_PRODUCT, /\b(?:users?|customers?|notifications?|app\b)/],
  },
  {
    pattern:
      /\byour (?:upwork|facebook|google|gmail|paypal|bank|online banking|wallet|instagram|apple id)(?: account)?(?:'s)?(?: \w{1,12}){0,2} (?:log-?in|passwords?|credentials|seed phrase)/g,
    strength: 0.9,
    unlessBefore: [NEGATED, OF_OTHERS],
    unlessSentence: [OF_PRODUCT, /\b(?:users?|customers?)\b/],
  },
  {
    pattern: /\byou (?:\w{1,12} ){0,2}(?:answer|take|pass|handle)(?: \w{1,12}){0,2} verification calls?\b/g,
    strength: 0.9,
  },
  {
    pattern: /\b(?:private key|seed phrase|recovery phrase)s?\b/g,
    strength: 0.8,
    unlessBefore: [NEGATED, OF_OTHERS],
    unlessSentence: [OF_PRODUCT, /\b(?:recover\w*|encrypt\w*|store|stored|ssh|lost|forgot\w*|wallets?)\b/],
    needs: /\b(?:your|send|share)\b/,
  },
];

/** Asks for codes, passwords or keys of the applicant. */
export const findCodeRequest = phraseFinder(
  'code otp pin sms 2fa pass cred logi log seed reco priv veri',
  CODE_PHRASES,
);

const PLATFORM =
  '(?:upwork|freelanc\\w+|fiverr|toptal|linkedin|facebook|fb|google(?: ads)?|paypal|payoneer|stripe|bank|binance|amazon|ebay|play(?:store| store)? ?console|developer|verified|seller|ads?)';

const RENTAL_PHRASES: Phrase[] = [
  {
    pattern: new RegExp(
      `\\b(?:rent|rents|renting|lease|leasing|borrow|lend)(?: out)?(?: \\w{1,12}){0,4} (?:upwork |freelanc\\w+ |verified |fiverr |linkedin |facebook |paypal |bank |google |play console )?(?:accounts?|profiles?)\\b`,
      'g',
    ),
    stems: 'rent leas borr lend',
    strength: 1,
    unlessBefore: [NEGATED, OF_OTHERS],
    unlessSentence: [
      REFUSED,
      /\b(?:car|property|apartment|house|equipment|tenants?|rental (?:app|platform|software|site|website|business))\b/,
    ],
  },
  {
    pattern: new RegExp(
      `\\b${PLATFORM}(?: \\w{1,12}){0,2} accounts? (?:(?:is |are )?(?:needed |wanted )?(?:for|to) rent|rental|on rent|for lease|renting|sharing)\\b`,
      'g',
    ),
    stems: 'rent leas shar',
    strength: 1,
    unlessSentence: [REFUSED],
  },
  {
    pattern:
      /\bopen(?:ing)?(?: \w{1,12}){0,2} (?:stripe|paypal|bank|upwork|payoneer|wise|binance|business|developer|merchant) accounts?(?: \w{1,12}){0,2} (?:in|under|with|using) (?:your|his|her|their|own)(?: \w{1,12}){0,1} (?:name|id|details|identity|documents)/g,
    strength: 1,
    unlessBefore: [NEGATED, OF_OTHERS],
    unlessSentence: [REFUSED, /\b(?:customers?|users?|app|feature)\b/],
  },
  {
    pattern:
      /\b(?:use|share|access|work (?:on|with|under|through|from)|operate|manage|log ?in to|give us)(?: \w{1,12}){0,2} (?:your|ur|his|another'?s|someone'?s|somebody'?s) (?:\w{1,12} ){0,2}(?:upwork|freelancer|fiverr|paypal|bank|stripe|payoneer) (?:accounts?|profiles?)\b/g,
    strength: 0.9,
    unlessBefore: [NEGATED, OF_OTHERS],
    unlessSentence: [REFUSED, OF_PRODUCT],
  },
  {
    pattern:
      /\b(?:share it with you \d{1,2}|(?:login|log ?in|connect|work)(?: \w{1,12}){0,4} (?:any ?desk|team ?viewer|remote desktop|chrome remote)[^.!?\n]{0,50}?\byour (?:computer|pc|laptop))\b/g,
    strength: 0.8,
    needs: /\b(?:account|profile|verification|share)/,
  },
  {
    pattern:
      /\b(?:if you have|with|have|need|required?|own|existing)(?: \w{1,12}){0,3} (?:own )?(?:google )?(?:dev(?:eloper)?\.? account|play ?(?:store )?console account|console account)\b/g,
    strength: 0.6,
    unlessBefore: [NEGATED],
    unlessSentence: [
      /\b(?:our|we have|client'?s|my)(?: \w{1,12}){0,2} (?:developer|dev|console|play)/,
      /\bset ?up\b/,
    ],
    needs: /\b(?:publish\w*|upload\w*|apply this|own)\b/,
  },
];

/** Wants to work under the applicant's account, or to be given one. */
export const findAccountRental = phraseFinder('acco prof anyd any team remo chro cons shar', RENTAL_PHRASES);
