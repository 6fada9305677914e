import { emptyContent, type JobContent } from '../../../domain/job';
import { foldText } from '../../../domain/screening/foldedText';
import { screen } from '../../../domain/screening/screen';
import { type SignalId, SIGNALS } from '../../../domain/screening/signals';

const UNKNOWN_CONTEXT = { postingsOfClientLast24h: null, clientsWithSameText: null };

function posting(text: string, content: Partial<JobContent> = {}) {
  const [title = '', ...description] = text.split(' || ');
  return {
    content: { ...emptyContent(), title, description: description.join('\n'), ...content },
    context: UNKNOWN_CONTEXT,
  };
}

function signalsOf(text: string, content: Partial<JobContent> = {}): SignalId[] {
  return screen(posting(text, content)).signals.map(({ signal }) => signal);
}

/** Texts that show a signal, and honest ones that only sound like it. `title || description`, or one line of either. */
const EXAMPLES: Partial<Record<SignalId, { hits: string[]; honest: string[] }>> = {
  contact_messenger: {
    hits: [
      'Data entry || Please message me on Telegram @example_hr for the interview.',
      'Assistant wanted || Contact our hiring manager via WhatsApp at +1-555-0101 to start.',
      'Typist || Kindly add the HR manager on Signal for a quick briefing.',
      'Writers || For faster reply text us on WhatsApp, we do not read messages here.',
      'Writers || Interview will be held on Telegram.',
      'Tester || Click here to apply: t.me/example_jobs_hr',
      'Agent || Reach me at wa.me/15550102 now',
      "Closer || Our what's app number is: 555 010 2233",
      'Tester || Send me a message on te1egram: @example_test',
      'Helper || dm me on tele gram',
    ],
    honest: [
      'Telegram bot developer || The bot sends our readers a message on Telegram when a book is due.',
      'WhatsApp Business API || Customers should be able to contact us via WhatsApp, answers go to our CRM.',
      'Radar engineer || Signal processing in Python, experience with signal chains is welcome.',
      'Chatbot || Users can message us on WhatsApp, Telegram or Messenger and get an answer from the bot.',
      'Developer || Do not contact me on Telegram or WhatsApp, such proposals are reported.',
      'Scraper || Scrape all messages of the Telegram group @example_group into a CSV.',
      'Shop || Add a WhatsApp button so that visitors can reach us on WhatsApp with one click.',
      'Support || Set up Skype and Teams on twelve laptops.',
      'Community manager || You moderate our Discord server and our Telegram channel.',
    ],
  },
  contact_email: {
    hits: [
      'Writer || Send your CV to jobs.example@gmail.com and we will reply.',
      'Assistant || Interested candidates should e-mail hr@example.org directly.',
      'Typist || write to us: example.desk@yahoo.com',
    ],
    honest: [
      'E-mail marketing || Klaviyo flows and newsletters for our shop, 2,900 addresses with consent.',
      'Bug fix || Log in as test@example.com with the password from the ticket and open the profile.',
      'Designer || HTML e-mail template for our receipts, tested in Outlook and Gmail.',
      'Tracker || The paper is cited as Example et al. @ SIGMOD.',
    ],
  },
  contact_phone: {
    hits: [
      'Driver || Call or text me at (555) 010-4477 today.',
      'Agent || Please text +1-555-0134 with your name.',
      'Tutor || Reach me on my mobile: 555-010-9921',
    ],
    honest: [
      'Twilio || Phone tree: callers press 1 for a booking, use +1-555-0100 as a sample number in Twilio.',
      'Clean-up || 1,870 transactions of 2024-03-01 to 2025-04-30 and invoice 2024-0001234567.',
      'Map || Coordinates such as 52.520008, 13.404954 in two columns.',
      'Video || See https://vimeo.com/1056536606 for the style we like.',
    ],
  },
  contact_form: {
    hits: ['Engineer || Apply here: https://forms.gle/Example123 and wait for our call.'],
    honest: ['Forms || Rebuild our contact form in React; like this https://tally.so/r/example but ours.'],
  },
  contact_obfuscated: {
    hits: [
      'Logo || add us on t e l e g r a m to talk',
      'Logo || find me on T.e.l.e.g.r.a.m',
      'Logo || write to jobs(at)example(dot)org',
      'Logo || mail desk [at] example [dot] com please',
      'Logo || name at gmail dot com',
      'Logo || message us on Tеlеgrаm today',
      'Logo || contact on 𝐖𝐡𝐚𝐭𝐬𝐀𝐩𝐩',
      'Logo || contact on Tele\u200bgram',
      'Logo || write on wh4tsapp',
      'Logo || Telegram: example underscore logos underscore hr',
    ],
    honest: [
      'Python || Variables in snake case with an underscore between words, meet at noon.',
      'Logo || We meet at the office. Dot the i.',
      'Decorators || Explain @property (at the class level) and dot notation.',
      'Bot || What’s App and Telegram, with an app for each.',
    ],
  },
  payment_outside: {
    hits: [
      'Tester || All payments take place outside of Upwork because fees are too high.',
      'Tester || We pay with Zelle, Cash App or gift cards every Friday.',
      'Tester || Your salary is paid weekly in Bitcoin.',
      'Tester || Payment by PayPal friends and family, half now.',
      'Tester || You will be paid via Western Union.',
      'Tester || Let us work directly to avoid Upwork fees.',
    ],
    honest: [
      'Shop || Customers pay with PayPal or crypto, integrate both into the checkout.',
      'Laravel || Never ask to communicate or get paid outside of Upwork, it is reported.',
      'Exchange || Crypto exchange developer: payment processing in USDT, USDC and SOL for our users.',
      'Developer || PLEASE NOTE: ANY CONTACT OR PAYMENT OUTSIDE OF UPWORK WILL RESULT IN IMMEDIATE DISQUALIFICATION',
      'Designer || UI for a cash application dashboard.',
      'Developer || All work, files and payment through Upwork as usual.',
    ],
  },
  upfront_fee: {
    hits: [
      'Typing || Before start you make a refundable security deposit of $35.',
      'Forms || Candidates must pay a registration fee of $20 first.',
      'Agent || PAY THE ONE TIME REGISTRATION FEE OF $49 AND START',
      'Tester || The laptop is sent after you have paid the insurance of $95.',
      'Typist || A small training fee of 30 USD is required and refunded with your first salary.',
    ],
    honest: [
      'Odoo || A module that books deposits on bottles and crates; the refundable deposit of $3 comes back months later.',
      'Club || Members pay a registration fee through Stripe when they join.',
      'Terms || Deposits for the three expensive machines must be returned within a week.',
      'Assistant || You will never pay a registration fee to us.',
      'Rental site || Tenants pay a security deposit of $500 which is refunded.',
    ],
  },
  paid_equipment: {
    hits: [
      'Forms || To receive the login ID you have to buy the registration kit.',
      'Office || You purchase the equipment from our approved vendor.',
      'Office || We mail you a check to cover the equipment for your home office.',
    ],
    honest: [
      'Writer || You get a box with two sensors and a gateway for free.',
      'Web || Users must buy a licence before they download the software.',
      'Buyer || Find suppliers of kitchen equipment for our hotel.',
    ],
  },
  identity_documents: {
    hits: [
      'Assistant || Send a copy of your passport to begin.',
      'Assistant || Send full name, home address, date of birth and bank name.',
      "Assistant || We need a front and back picture: please provide photos of your driver's license.",
    ],
    honest: [
      'KYC || Users upload a photo of their passport and our module reads it with OCR.',
      'NestJS || Authentication with Passport and JWT, send your GitHub profile.',
      'Hotel || Guests provide a copy of their ID card at check-in.',
      'Designer || Send a link to your portfolio and a picture of your best logo.',
    ],
  },
  access_codes: {
    hits: [
      'Helper || Tell her the code that you receive by SMS.',
      'Helper || Help us receive a SMS in Singapore',
      'Helper || Forward me the verification code when it arrives.',
      'Helper || Give us your PayPal login.',
    ],
    honest: [
      'Auth || Users log in with a code sent to your phone by our Twilio integration.',
      'Flutter || Email OTP verification and two-factor authentication in the app.',
      'QA || Send the verification code flow through our test plan for the login feature.',
    ],
  },
  money_transfer: {
    hits: [
      'Assistant || I send you a check, you deposit it in your personal bank account and keep $350.',
      'Assistant || Buy gift cards and forward the codes to me.',
      'Agent || Receive payments into your bank account and send the rest to our partner.',
      'Agent || Use your personal bank account to receive transfers for 10 percent.',
      'Agent || Receive parcels at your home address and reship them.',
    ],
    honest: [
      'Bank app || Mobile check deposit into the account of our customers, a feature of the app.',
      'Design || Gift cards for our flower shop, three designs with a place for the code.',
      'Bookkeeper || Record payments, deposits and checks in QuickBooks.',
      'Accountant || Reconcile two bank accounts and three card terminals.',
      'Shop || Customers buy a gift card and the app sends the code.',
    ],
  },
  crypto_doubling: {
    hits: [
      'Crypto || Transfer 200 USDT and our system doubles it within 48 hours.',
      'Crypto || Double your bitcoin in a day, guaranteed.',
      'Developer || BTC USDT flashing software',
    ],
    honest: [
      'Trading bot || Flash loan arbitrage on Uniswap in Solidity.',
      'Exchange || Crypto exchange developer for deposits, withdrawals and an order book.',
      'Ads || We want to double our newsletter sign-ups within a quarter.',
    ],
  },
  account_rental: {
    hits: [
      'Rent your verified freelancer account - passive income',
      'Developers || We want to rent your Upwork account.',
      'Developers || We work through your Upwork account and you get 20 percent.',
      'Required console account to upload an android apps.',
    ],
    honest: [
      'Rental app || Tenants rent an apartment and see it in their account.',
      'Developer || Share your portfolio and your LinkedIn profile.',
      'Android || Publish the app in our Google Play console account.',
      'Developer || Do not rent your Upwork account to others; such profiles are reported.',
    ],
  },
  too_good_pay: {
    hits: [
      'Typing || You earn $45 per hour, no experience needed.',
      'Agents || EARN $3000 WEEKLY, no skills, only 1 hour per day',
      'Testers || We pay $500 for each day, no code needed.',
    ],
    honest: [
      'Data entry || $12 per hour, no experience needed, we train you.',
      'Engineer || $90 per hour for a Rust engineer with ten years of experience.',
      'Sales || Close deals of $5,000 a month, experience is required.',
    ],
  },
  link_shortener: {
    hits: ['Job || Details: https://bit.ly/3ExAmple'],
    honest: [
      'Job || Build a link shortener such as bit.ly for our brand.',
      'Job || See https://example.com/a/b',
    ],
  },
  shouting: {
    hits: [
      'WE ARE HIRING FIFTY PEOPLE FOR OUR NEW ONLINE TEAM || START TODAY AND GET PAID TOMORROW, THIS IS YOUR CHANCE TO CHANGE YOUR LIFE',
      '🔥🔥 JOB 💰💰 || 🔥 now 🚀🚀 💎💎 go 💰',
    ],
    honest: [
      'REACT DEVELOPER || We need a developer for REST, JSON, SQL and AWS work on our API, two days a week, and somebody who writes tests.',
      'App || ✅ 46 screens ✅ API ✅ tests ✅ store accounts ✅ design ✅ builds ✅ docs ✅ support, all of it ready',
    ],
  },
  mixed_script: {
    hits: ['Gráphic dеsignеr || Wе nееd mаny dеsignеrs for vеry simplе logos'],
    honest: [
      'Physics || Thickness in μm, decay of β-carotene and a Δt of two hours.',
      'Перевод || Нужен переводчик для сайта на WordPress, тексты на русском языке.',
      'Greek || Translate Καλημέρα κόσμε and similar greetings into English.',
    ],
  },
  academic_cheating: {
    hits: [
      'Write my nursing dissertation + sit the online exam as me',
      'Help || Take my online class for me, statistics.',
      'Help || I need someone to do my homework in Java.',
      'Stats || We need help with an assignment for our bachelor degree.',
      'Writer || Full dissertation written from scratch so that the plagiarism check of my university finds nothing.',
      'Scientific medical thesis writer',
    ],
    honest: [
      'Proofread a PhD thesis on glacier sediments || Language only, the university allows editing.',
      'Proctoring software || Online exam software that keeps students from cheating.',
      'LMS || Assignment submission and grading for teachers and students of our school.',
      'Tutor || Explain calculus to my daughter before her exam.',
      'Quiz || Write quiz questions for our course on bees.',
      'Recruiting || Candidates take the test on our platform, then an interview.',
      'Template || A LaTeX thesis template with a layout like the one attached.',
      'Ecologist || World-class experts review our course for park rangers.',
    ],
  },
  fake_engagement: {
    hits: [
      '5-star reviews wanted for our app || We give the text, you paste it from different accounts.',
      'I need fake custom IOS reviews',
      'Buy followers for my page || Buy followers and likes, quickly.',
      '2000 subscribers',
      'UK people needed to buy and review.',
    ],
    honest: [
      'Reputation tool || Software that collects and answers Google reviews for dentists.',
      'Classifier || Detect fake reviews on Amazon with a BERT model.',
      'Photos || Retouch twelve photos; will leave 5 star review',
      'Stars || Show our Google review stars in the search results.',
      'Instagram || Grow followers organically with good content and ads.',
      'Host || Guests get a message after check-out that asks for a review.',
    ],
  },
  account_sale: {
    hits: [
      'We buy aged Upwork accounts with top rated badge',
      'Looking for 200-500 Gmail accounts urgent',
      'Need Already monetized YouTube channel with 1k-200k Subscribers.',
    ],
    honest: [
      'Google Ads || Manage our Google Ads account and buy media on Facebook.',
      'Amazon || Sell on Amazon: set up our seller account and list 40 products.',
      'YouTube || Editor needed for a monetized channel with 40k subscribers.',
    ],
  },
  verification_bypass: {
    hits: [
      'Helper || Bypass the KYC verification of an exchange for us.',
      'Helper || You pass the video verification when it is asked.',
      'Helper || Make a fake passport for a registration.',
    ],
    honest: [
      'KYC || Integrate an identity verification API; users pass KYC before the first deposit in the app.',
      'Pentest || Penetration test: try to bypass the 2FA of our portal and report what you find.',
      'Cards || Insurance verification for patients of a clinic.',
    ],
  },
  unauthorised_access: {
    hits: [
      'Looking for a good hacker',
      'Hack a website backend database',
      'Help || Hack my wife’s Facebook account',
    ],
    honest: [
      'My iphone has been hacked || Help me to secure it.',
      'Instagram account hacked || Our account got hacked, help us recover it.',
      'Growth hacker || We need growth hackers for a fintech.',
      'Ethical hacker || Penetration test of our website and database.',
    ],
  },
  unpaid_work: {
    hits: [
      'Writer || The trial article is unpaid.',
      'Designer || You make a sample logo for free first.',
      'Writer || We ask for two articles for free before we decide.',
    ],
    honest: [
      'Developer || Two hours of pairing on a real ticket, for which you are paid.',
      'SaaS || Users start with a free trial of 14 days.',
      'Writer || We do not ask for unpaid test work.',
      'Writer || A paid test article, then a weekly column.',
    ],
  },
};

const cases = (kind: 'hits' | 'honest') =>
  Object.entries(EXAMPLES).flatMap(([signal, examples]) =>
    examples[kind].map((text) => [signal as SignalId, text] as const),
  );

describe('signals of the text', () => {
  it.each(cases('hits'))('%s is found in: %s', (signal, text) => {
    expect(signalsOf(text)).toContain(signal);
  });

  it.each(cases('honest'))('%s is not found in: %s', (signal, text) => {
    expect(signalsOf(text)).not.toContain(signal);
  });

  it.each(cases('honest'))('beside %s, nothing else holds back or rejects: %s', (_signal, text) => {
    expect(screen(posting(text)).verdict).toBe('accept');
  });

  it('every signal is tried on a hit and an honest lookalike, here or as a signal of the client', () => {
    const ofClient = SIGNALS.filter(({ kind }) => kind === 'suspicious_client').map(({ id }) => id);
    expect([...Object.keys(EXAMPLES), ...ofClient].sort()).toEqual(SIGNALS.map(({ id }) => id).sort());
  });

  it('shows as evidence what the posting says, disguise included, in at most 120 characters', () => {
    const { signals } = screen(posting(`Logo || ${'really '.repeat(3)}add us on T e l e g r a m now`));
    expect(signals.find(({ signal }) => signal === 'contact_obfuscated')?.evidence).toBe('T e l e g r a m');
    for (const text of cases('hits').map(([, hit]) => hit)) {
      for (const { evidence, strength } of screen(posting(text)).signals) {
        expect(evidence.length).toBeLessThanOrEqual(120);
        expect(strength).toBeGreaterThan(0);
        expect(strength).toBeLessThanOrEqual(1);
      }
    }
  });
});

describe('signals of the client', () => {
  const budget = { amountMinor: 900_000, currency: 'USD' };
  const subject = (content: Partial<JobContent>, context = {}) => ({
    content: { ...emptyContent(), title: 'A plain title', ...content },
    context: { ...UNKNOWN_CONTEXT, ...context },
  });
  const found = (content: Partial<JobContent>, context = {}) =>
    screen(subject(content, context)).signals.map(({ signal }) => signal);

  it('names a large budget without verified payment, unless the client has paid before or nothing is known', () => {
    expect(found({ budget, buyerPaymentVerified: false })).toEqual(['unverified_large_budget']);
    expect(found({ budget, buyerPaymentVerified: null })).toEqual([]);
    const buyerTotalSpent = { amountMinor: 100, currency: 'USD' };
    expect(found({ budget, buyerPaymentVerified: false, buyerTotalSpent })).toEqual([]);
    expect(found({ budget: { ...budget, amountMinor: 50_000 }, buyerPaymentVerified: false })).toEqual([]);
  });

  it('does not count verified payment as a sign of safety', () => {
    const text = {
      description: 'You pass on money: receive payments into your bank account and send the rest.',
    };
    const unknown = screen(subject(text));
    expect(screen(subject({ ...text, buyerPaymentVerified: true })).score).toBe(unknown.score);
  });

  it('names many openings without a hire, unless somebody was hired or hires are not known', () => {
    expect(found({ numberOfPositions: 40, buyerTotalJobsWithHires: 0 })).toEqual(['openings_without_hires']);
    expect(found({ buyerOpenJobsCount: 20, buyerTotalAssignments: 0 })).toEqual(['openings_without_hires']);
    expect(found({ numberOfPositions: 40, buyerTotalJobsWithHires: 3 })).toEqual([]);
    expect(found({ numberOfPositions: 40 })).toEqual([]);
    expect(found({ numberOfPositions: 2, buyerTotalJobsWithHires: 0 })).toEqual([]);
  });

  it('names a burst of postings and a text shared by many clients, only from where they are many', () => {
    expect(found({}, { postingsOfClientLast24h: 25 })).toEqual(['posting_burst']);
    expect(found({}, { postingsOfClientLast24h: 4 })).toEqual([]);
    expect(found({}, { clientsWithSameText: 5 })).toEqual(['shared_text']);
    expect(found({}, { clientsWithSameText: 2 })).toEqual([]);
  });

  it('quarantines a text of five clients, and accepts any other single sign about the client', () => {
    expect(screen(subject({}, { clientsWithSameText: 5 })).verdict).toBe('quarantine');
    expect(screen(subject({ budget, buyerPaymentVerified: false })).verdict).toBe('accept');
    expect(screen(subject({}, { postingsOfClientLast24h: 500 })).verdict).toBe('accept');
    expect(screen(subject({ numberOfPositions: 90, buyerTotalJobsWithHires: 0 })).verdict).toBe('accept');
  });
});

describe('folding', () => {
  it.each([
    ['T e l e g r a m', 'telegram'],
    ['t.e.l.e.g.r.a.m now', 'telegram now'],
    ['Ｔｅｌｅｇｒａｍ', 'telegram'],
    ['𝕿𝖊𝖑𝖊𝖌𝖗𝖆𝖒', 'telegram'],
    ['Ⓣⓔⓛⓔⓖⓡⓐⓜ', 'telegram'],
    ['🆃🅴🅻🅴🅶🆁🅰🅼', 'telegram'],
    ['ᴛᴇʟᴇɢʀᴀᴍ', 'telegram'],
    ['Tеlegrаm and more Latin', 'telegram and more latin'],
    ['Te\u200ble\u00adgr\u2060am', 'telegram'],
    ['Télégram', 'telegram'],
    ['don’t', "don't"],
    ['a  b\tc\nd', 'a b c\nd'],
  ])('reads %s as %s', (written, read) => {
    expect(foldText(written).folded).toBe(read);
  });

  it('leaves text of another script as it is', () => {
    expect(foldText('Нужен переводчик').folded).toBe('нужен переводчик');
  });
});
