/** A name of Upwork's category tree with everything else it goes by. */
export interface CategoryEntry {
  name: string;
  /** Upwork's uid; left out where it could not be established from a public source. */
  uid?: string;
  /** Older and other spellings, beyond what case, punctuation and `&`/`and` make equal anyway. */
  aliases?: readonly string[];
  /** Uids of nodes that Upwork has since merged into this one. */
  formerUids?: readonly string[];
}

/** A specialty that has nothing but its name is written as that name. */
export type SpecialtyEntry = string | CategoryEntry;

interface SubcategoryEntry extends CategoryEntry {
  specialties: readonly SpecialtyEntry[];
}

interface CategoryTreeEntry extends CategoryEntry {
  subcategories: readonly SubcategoryEntry[];
}

interface CategoryGroupEntry {
  name: string;
  aliases: readonly string[];
  categories: readonly CategoryTreeEntry[];
}

/**
 * Upwork's categories, subcategories and specialties under the eight groups of the service. Slugs are made from the names.
 * An old name that has become two things stands with the nearer of them; one that is too broad, with the level above.
 */
export const CATEGORY_TABLE: readonly CategoryGroupEntry[] = [
  {
    name: 'Development & IT',
    aliases: [
      'Development',
      'Dev & IT',
      'IT',
      'IT & Development',
      'IT & Programming',
      'IT & Software',
      'Information Technology',
      'Programming & Technology',
      'Programming & Tech',
      'Technology',
      'Tech',
    ],
    categories: [
      {
        name: 'Web, Mobile & Software Dev',
        uid: '531770282580668418',
        aliases: [
          'Web, Mobile & Software Development',
          'Web & Mobile Development',
          'Web & Mobile Dev',
          'Web & Software Development',
          'Mobile & Software Development',
          'Software Development',
          'Software Dev',
          'Software Engineering',
          'Programming',
          'Programming & Development',
        ],
        subcategories: [
          {
            name: 'Web Development',
            uid: '531770282584862733',
            aliases: ['Web Dev', 'Web Programming', 'Website Development'],
            specialties: [
              'Back-End Development',
              'CMS Development',
              'Front-End Development',
              { name: 'Full Stack Development', uid: '1110580755107926016' },
            ],
          },
          {
            name: 'Mobile Development',
            uid: '531770282589057024',
            aliases: ['Mobile Dev', 'Mobile Developer'],
            specialties: [
              { name: 'Mobile App Development', aliases: ['Mobile Apps', 'Mobile Application Development'] },
              'Mobile Game Development',
            ],
          },
          {
            name: 'Web & Mobile Design',
            uid: '531770282589057029',
            aliases: ['Web & Mobile App Design'],
            specialties: [
              { name: 'Mobile Design', aliases: ['Mobile App Design'] },
              'Prototyping',
              {
                name: 'UX/UI Design',
                aliases: [
                  'UI/UX Design',
                  'UI Design',
                  'UX Design',
                  'UX Research',
                  'Application Interface Design',
                ],
              },
              { name: 'Web Design', aliases: ['Website Design'] },
            ],
          },
          {
            name: 'Ecommerce Development',
            uid: '531770282589057026',
            aliases: ['Ecommerce'],
            specialties: ['Ecommerce Website Development'],
          },
          {
            name: 'AI Apps & Integration',
            uid: '1737190722360750082',
            aliases: ['AI Apps'],
            specialties: [
              { name: 'AI Chatbot Development', aliases: ['Chatbot Development'] },
              'AI Integration',
            ],
          },
          {
            name: 'Blockchain, NFT & Cryptocurrency',
            uid: '1517518458442309632',
            aliases: ['Blockchain', 'Blockchain, NFT & Crypto', 'Blockchain & Cryptocurrency'],
            specialties: [
              { name: 'Blockchain & NFT Development', aliases: ['Blockchain Development'] },
              'Crypto Coins & Tokens',
              'Crypto Wallet Development',
              'Other Blockchain, NFT & Cryptocurrency',
            ],
          },
          {
            name: 'Desktop Application Development',
            uid: '531770282589057025',
            aliases: ['Desktop Applications', 'Desktop App Development'],
            specialties: ['Desktop Software Development'],
          },
          {
            name: 'Game Design & Development',
            uid: '531770282589057027',
            aliases: ['Game Development', 'Game Design'],
            specialties: ['Video Game Development'],
          },
          {
            name: 'Product Management & Scrum',
            uid: '531770282589057030',
            specialties: ['Agile Leadership', 'Product Management', 'Scrum Leadership'],
          },
          {
            name: 'QA Testing',
            uid: '531770282589057031',
            aliases: [
              'QA & Testing',
              'QA',
              'Quality Assurance',
              'Software QA',
              'Software Testing',
              'Website QA',
            ],
            specialties: [
              { name: 'Automation Testing', aliases: ['Automated Testing', 'Test Automation'] },
              { name: 'Manual Testing', uid: '1313512633755545600' },
            ],
          },
          {
            name: 'Scripts & Utilities',
            uid: '531770282589057028',
            specialties: [{ name: 'Scripting & Automation', uid: '1110580764771602432' }],
          },
          {
            name: 'Other - Software Development',
            uid: '531770282589057032',
            aliases: ['Software Plug-ins', 'VoIP'],
            specialties: [
              'AR/VR Development',
              'Coding Tutoring',
              'Database Development',
              'Emerging Tech',
              'Firmware Development',
            ],
          },
        ],
      },
      {
        name: 'Data Science & Analytics',
        uid: '531770282580668420',
        aliases: ['Data Science', 'Data Science & Analysis'],
        subcategories: [
          {
            name: 'AI & Machine Learning',
            uid: '531770282593251329',
            aliases: [
              'AI',
              'AI & ML',
              'Artificial Intelligence',
              'Artificial Intelligence & Machine Learning',
            ],
            specialties: [
              { name: 'AI Data Annotation & Labeling', aliases: ['Data Annotation & Labeling'] },
              'Deep Learning',
              { name: 'Generative AI Modeling', aliases: ['Generative AI'] },
              'Knowledge Representation',
              { name: 'Machine Learning', uid: '1110580759050571776' },
            ],
          },
          {
            name: 'Data Analysis & Testing',
            uid: '531770282593251330',
            aliases: ['Data Analysis', 'Quantitative Analysis', 'Statistical Analysis'],
            specialties: [
              'A/B Testing',
              'Data Analytics',
              {
                name: 'Data Visualization',
                aliases: ['Data Design & Visualization'],
                formerUids: ['531770282589057039'],
              },
              'Experimentation & Testing',
            ],
          },
          {
            name: 'Data Extraction/ETL',
            uid: '531770282593251331',
            aliases: ['ETL'],
            specialties: ['Data Extraction', 'Data Processing'],
          },
          {
            name: 'Data Mining & Management',
            uid: '531770282589057038',
            aliases: ['Data Management'],
            specialties: ['Data Engineering', 'Data Mining'],
          },
        ],
      },
      {
        name: 'IT & Networking',
        uid: '531770282580668419',
        aliases: [
          'IT & Network',
          'IT & Networks',
          'Networking',
          'Information Technology & Networking',
          'Networking & Information Systems',
        ],
        subcategories: [
          {
            name: 'Database Management & Administration',
            uid: '531770282589057033',
            aliases: ['Database Management'],
            specialties: [
              {
                name: 'Database Administration',
                uid: '1017484851352699011',
                aliases: ['DBA', 'DBA - Database Administration'],
              },
            ],
          },
          {
            name: 'DevOps & Solution Architecture',
            uid: '531770282589057037',
            aliases: ['DevOps', 'DevOps & Solutions Architecture'],
            specialties: [
              'Cloud Engineering',
              { name: 'DevOps Engineering', uid: '1110580753140797440' },
              { name: 'Solution Architecture', aliases: ['Solutions Architecture'] },
            ],
          },
          {
            name: 'ERP/CRM Software',
            uid: '531770282589057034',
            aliases: ['ERP / CRM', 'ERP & CRM Software', 'ERP / CRM Implementation'],
            specialties: ['Business Applications Development', 'Systems Engineering'],
          },
          {
            name: 'Information Security & Compliance',
            uid: '531770282589057036',
            specialties: [
              { name: 'Information Security', aliases: ['Cybersecurity', 'Infosec'] },
              'IT Compliance',
              'Network Security',
            ],
          },
          {
            name: 'Network & System Administration',
            uid: '531770282589057035',
            aliases: ['Network & Systems Administration'],
            specialties: [
              'Network Administration',
              { name: 'Systems Administration', aliases: ['System Administration', 'Server Administration'] },
            ],
          },
        ],
      },
    ],
  },
  {
    name: 'Design & Creative',
    aliases: [],
    categories: [
      {
        name: 'Design & Creative',
        uid: '531770282580668421',
        aliases: [
          'Design',
          'Creative',
          'Creative & Design',
          'Art & Design',
          'Design & Art',
          'Design & Multimedia',
          'Graphics & Multimedia',
        ],
        subcategories: [
          {
            name: 'Art & Illustration',
            uid: '531770282593251335',
            specialties: [
              { name: 'Cartoons & Comics', aliases: ['Cartoons', 'Comics'] },
              'Fine Art',
              'Illustration',
              'Pattern Design',
              { name: 'Portraits & Caricatures', aliases: ['Caricatures & Portraits'] },
            ],
          },
          {
            name: 'Audio & Music Production',
            uid: '531770282593251341',
            aliases: ['Audio & Music'],
            specialties: [
              'AI Speech & Audio Generation',
              'Audio Editing',
              'Audio Production',
              'Music Production',
              'Songwriting & Music Composition',
            ],
          },
          {
            name: 'Branding & Logo Design',
            uid: '1044578476142100480',
            aliases: ['Branding', 'Logo Design & Branding', 'Brand Identity & Strategy'],
            specialties: [{ name: 'Brand Identity Design', aliases: ['Brand Identity'] }, 'Logo Design'],
          },
          {
            name: 'NFT, AR/VR & Game Art',
            uid: '1356688560628174848',
            aliases: ['AR/VR & Game Art'],
            specialties: ['AR/VR Design', 'Game Art', 'NFT Art'],
          },
          {
            name: 'Graphic, Editorial & Presentation Design',
            uid: '531770282593251334',
            aliases: ['Graphics & Design', 'Graphic & Editorial Design'],
            specialties: [
              {
                name: 'AI Image Generation & Editing',
                uid: '1737190722360750080',
                aliases: ['AI Image Generation'],
              },
              'Art Direction',
              'Creative Direction',
              'Editorial Design',
              { name: 'Graphic Design', aliases: ['Print Design'] },
              { name: 'Image Editing', aliases: ['Photo Editing'] },
              'Packaging Design',
              { name: 'Presentation Design', aliases: ['Presentations'] },
            ],
          },
          {
            name: 'Performing Arts',
            uid: '1356688565288046592',
            specialties: [
              'Acting',
              'Music Performance',
              'Singing',
              { name: 'Voice Talent', aliases: ['Voice Over', 'Voice Acting'] },
            ],
          },
          {
            name: 'Photography',
            uid: '531770282593251340',
            specialties: ['Local Photography', 'Product Photography'],
          },
          {
            name: 'Product Design',
            uid: '531770282601639953',
            specialties: [
              'Fashion Design',
              'Jewelry Design',
              { name: 'Product & Industrial Design', aliases: ['Industrial Design'] },
            ],
          },
          {
            name: 'Video & Animation',
            uid: '1356688570056970240',
            aliases: ['Animation', 'Video'],
            specialties: [
              '2D Animation',
              '3D Animation',
              { name: 'AI Video Generation & Editing', aliases: ['AI Video Generation'] },
              'Motion Graphics',
              'Video Editing',
              'Video Production',
              'Videography',
              { name: 'Visual Effects', aliases: ['VFX'] },
            ],
          },
        ],
      },
    ],
  },
  {
    name: 'Writing & Translation',
    aliases: ['Writing, Translation & Content', 'Translation & Writing', 'Writing & Languages'],
    categories: [
      {
        name: 'Writing',
        uid: '531770282580668423',
        aliases: ['Writing & Content', 'Writing Services', 'Writing & Editing'],
        subcategories: [
          {
            name: 'Content Writing',
            uid: '1301900640421842944',
            aliases: ['Content & Copywriting', 'Creative Writing Services', 'Web Content', 'Website Content'],
            formerUids: ['531770282597445645', '531770282601639938'],
            specialties: [
              { name: 'AI Content Writing', aliases: ['AI Content Writing & Editing'] },
              {
                name: 'Article & Blog Writing',
                aliases: ['Blog & Article Writing', 'Blog Writing', 'Article Writing'],
              },
              'Creative Writing',
              'Ghostwriting',
              'Scriptwriting',
              'Web & UX Writing',
              'Writing Tutoring',
              'Other Content Writing',
            ],
          },
          {
            name: 'Sales & Marketing Copywriting',
            uid: '1534904462131675136',
            aliases: ['Copywriting'],
            specialties: [
              'Ad & Email Copywriting',
              'Marketing Copywriting',
              'Sales Copywriting',
              'Other Sales & Marketing Copywriting',
            ],
          },
          {
            name: 'Editing & Proofreading Services',
            uid: '531770282597445644',
            aliases: ['Editing & Proofreading', 'Editing'],
            specialties: ['Copy Editing', 'Proofreading'],
          },
          {
            name: 'Professional & Business Writing',
            uid: '531770282597445646',
            aliases: ['Business Writing', 'Grant & Proposal Writing'],
            formerUids: ['531770282601639936', '531770282601639937'],
            specialties: [
              {
                name: 'Academic & Research Writing',
                aliases: ['Academic Writing & Research', 'Academic Writing'],
              },
              { name: 'Business & Proposal Writing', aliases: ['Proposal Writing'] },
              'Grant Writing',
              'Legal Writing',
              'Medical Writing',
              {
                name: 'Resume & Cover Letter Writing',
                aliases: ['Resumes & Cover Letters', 'Resume Writing'],
              },
              'Technical Writing',
              'Other Professional & Business Writing',
            ],
          },
        ],
      },
      {
        name: 'Translation',
        uid: '531770282584862720',
        aliases: ['Translation Category', 'Translations', 'Translation Services'],
        subcategories: [
          {
            name: 'Translation & Localization Services',
            uid: '531770282601639939',
            aliases: ['Translation & Localization', 'Legal, Medical & Technical Translation'],
            formerUids: ['531770282601639940'],
            specialties: [
              { name: 'General Translation Services', aliases: ['General Translation'] },
              { name: 'Language Localization', aliases: ['Localization'] },
              { name: 'Legal Document Translation', aliases: ['Legal Translation'] },
              { name: 'Medical Document Translation', aliases: ['Medical Translation'] },
              { name: 'Technical Document Translation', aliases: ['Technical Translation'] },
              'Other Translation & Localization Services',
            ],
          },
          {
            name: 'Language Tutoring & Interpretation',
            uid: '1534904461842268160',
            specialties: [
              'Language Tutoring',
              { name: 'Live Interpretation', aliases: ['Interpretation'] },
              'Sign Language Interpretation',
              'Other Language Tutoring & Interpretation',
            ],
          },
        ],
      },
    ],
  },
  {
    name: 'Sales & Marketing',
    aliases: [],
    categories: [
      {
        name: 'Sales & Marketing',
        uid: '531770282580668422',
        aliases: [
          'Marketing',
          'Sales',
          'Marketing & Sales',
          'Marketing, Branding & Sales',
          'Sales, Marketing & Branding',
        ],
        subcategories: [
          {
            name: 'Digital Marketing',
            uid: '531770282597445636',
            aliases: [
              'Advertising',
              'Email & Marketing Automation',
              'SEO & SEM Services',
              'Social Media & PR Services',
              'Social Media Marketing & Strategy',
            ],
            formerUids: ['531770282597445632', '531770282597445638', '531770282597445639'],
            specialties: [
              'Campaign Management',
              'Display Advertising',
              'Email Marketing',
              'Marketing Automation',
              {
                name: 'Search Engine Marketing',
                aliases: ['SEM', 'SEM - Search Engine Marketing'],
              },
              {
                name: 'SEO',
                aliases: ['Search Engine Optimization', 'SEO - Search Engine Optimization'],
              },
              { name: 'Social Media Marketing', aliases: ['SMM', 'SMM - Social Media Marketing'] },
              'Other Digital Marketing',
            ],
          },
          {
            name: 'Lead Generation & Telemarketing',
            uid: '531770282597445634',
            aliases: ['Sales & Lead Generation'],
            specialties: [
              { name: 'Lead Generation', uid: '1017484851352698936' },
              { name: 'Sales & Business Development', aliases: ['Business Development'] },
              { name: 'Telemarketing', aliases: ['Telemarketing & Telesales', 'Telesales'] },
              'Other Lead Generation & Telemarketing',
            ],
          },
          {
            name: 'Marketing, PR & Brand Strategy',
            uid: '531770282593251343',
            aliases: ['Marketing & Brand Strategy', 'Business Plans & Marketing Strategy'],
            specialties: [
              'Brand Strategy',
              'Content Strategy',
              'Marketing Strategy',
              { name: 'Public Relations', aliases: ['PR', 'PR - Public Relations'] },
              'Social Media Strategy',
              'Other Marketing, PR & Brand Strategy',
            ],
          },
        ],
      },
    ],
  },
  {
    name: 'Admin & Customer Support',
    aliases: [
      'Admin Support & Customer Service',
      'Administrative & Customer Support',
      'Admin & Customer Service',
      'Customer Service & Admin Support',
      'Admin, Customer Support',
      'Support',
    ],
    categories: [
      {
        name: 'Admin Support',
        uid: '531770282580668416',
        aliases: [
          'Administrative Support',
          'Administration Support',
          'Administrative',
          'Administration',
          'Admin',
        ],
        subcategories: [
          {
            name: 'Virtual Assistance',
            uid: '531770282584862725',
            aliases: [
              'Virtual Assistant',
              'Virtual Assistants',
              'Personal / Virtual Assistant',
              'Personal Assistant',
            ],
            specialties: [
              'Ecommerce Management',
              'Executive Virtual Assistance',
              { name: 'General Virtual Assistance', uid: '1110580768370315264' },
              'Legal Virtual Assistance',
              'Medical Virtual Assistance',
              'Personal Virtual Assistance',
              'Other Virtual Assistance',
            ],
          },
          {
            name: 'Data Entry & Transcription Services',
            uid: '531770282584862724',
            aliases: ['Data Entry & Transcription'],
            specialties: [
              'Data Entry',
              { name: 'Dropshipping & Order Processing', aliases: ['Dropshipping', 'Order Processing'] },
              { name: 'Manual Transcription', aliases: ['Transcription'] },
              'Other Data Entry & Transcription Services',
            ],
          },
          {
            name: 'Project Management',
            uid: '531770282584862728',
            formerUids: ['1017484851352698979'],
            specialties: [
              'Business Project Management',
              'Construction & Engineering Project Management',
              {
                name: 'Development & IT Project Management',
                aliases: [
                  'Software Project Management',
                  'Website Project Management',
                  'IT Project Management',
                ],
              },
              'Digital Project Management',
              'Healthcare Project Management',
              'Supply Chain & Logistics Project Management',
              'Other Project Management',
            ],
          },
          {
            name: 'Market Research & Product Reviews',
            uid: '531770282584862726',
            aliases: ['Web Research', 'Market & Customer Research', 'Market Research & Surveys'],
            formerUids: ['531770282597445633'],
            specialties: [
              'General Research Services',
              'Market Research',
              'Product Reviews',
              'Qualitative Research',
              'Quantitative Research',
              'Web & Software Product Research',
              'Other Market Research & Product Reviews',
            ],
          },
        ],
      },
      {
        name: 'Customer Service',
        uid: '531770282580668417',
        aliases: ['Customer Services', 'Customer Support', 'Customer Care'],
        subcategories: [
          {
            name: 'Customer Service & Tech Support',
            uid: '531770282584862730',
            aliases: [
              'Customer Experience & Tech Support',
              'Customer Service & Support',
              'Tech Support & Content Moderation',
            ],
            specialties: [
              'Customer Onboarding',
              'Customer Success',
              {
                name: 'Email, Phone & Chat Support',
                aliases: ['Email Response Handling', 'Phone Support', 'Chat Support', 'Email Support'],
              },
              'IT Support',
              { name: 'Tech Support', aliases: ['Technical Support'] },
              'Other Customer Service & Tech Support',
            ],
          },
          {
            name: 'Community Management & Tagging',
            uid: '1484275072572772352',
            specialties: [
              'Community Management',
              'Content Moderation',
              'Visual Tagging & Processing',
              'Other Community Management & Tagging',
            ],
          },
        ],
      },
    ],
  },
  {
    name: 'Finance & Accounting',
    aliases: [],
    categories: [
      {
        name: 'Accounting & Consulting',
        uid: '531770282584862721',
        aliases: [
          'Finance & Accounting',
          'Accounting & Finance',
          'Accounting, Finance & Consulting',
          'Finance',
          'Finance & Management',
          'Consulting',
          'Business Services',
          'Payment Processing',
        ],
        subcategories: [
          {
            name: 'Accounting & Bookkeeping',
            uid: '531770282601639943',
            specialties: ['Accounting', 'Bookkeeping'],
          },
          {
            name: 'Financial Planning',
            uid: '531770282601639945',
            aliases: ['Financial Services & Planning'],
            specialties: [
              {
                name: 'Financial Analysis & Modeling',
                aliases: ['Financial Analysis', 'Financial Modeling'],
              },
              { name: 'Financial Management/CFO', aliases: ['Financial Management'] },
            ],
          },
          {
            name: 'Management Consulting & Analysis',
            uid: '531770282601639944',
            specialties: [
              { name: 'Business Analysis & Strategy', aliases: ['Business Analysis'] },
              'Instructional Design',
              { name: 'Management Consulting', aliases: ['Business Consulting'] },
            ],
          },
          {
            name: 'Recruiting & Human Resources',
            uid: '531770282601639946',
            aliases: ['Human Resources', 'HR', 'HR / Payroll'],
            specialties: [
              'HR Administration',
              { name: 'Recruiting & Talent Sourcing', aliases: ['Recruiting', 'Recruitment'] },
              'Training & Development',
            ],
          },
          {
            name: 'Personal & Professional Coaching',
            uid: '1534904461833879552',
            aliases: ['Coaching'],
            specialties: ['Career Coaching', 'Personal Coaching'],
          },
          {
            name: 'Other - Accounting & Consulting',
            uid: '531770282601639947',
            specialties: ['Tax Preparation'],
          },
        ],
      },
    ],
  },
  {
    name: 'Engineering & Architecture',
    aliases: ['Architecture'],
    categories: [
      {
        name: 'Engineering & Architecture',
        uid: '531770282584862722',
        aliases: [
          'Engineering',
          'Architecture & Engineering',
          'Engineering & Manufacturing',
          'Engineering & Technical Design',
        ],
        subcategories: [
          {
            name: 'Building & Landscape Architecture',
            uid: '531770282601639949',
            aliases: ['Buildings & Landscape Architecture', 'Architecture'],
            specialties: [
              { name: 'Architectural Design', aliases: ['Architecture Design'] },
              'Landscape Architecture',
            ],
          },
          {
            name: 'Chemical Engineering',
            uid: '531770282605834240',
            specialties: ['Chemical & Process Engineering'],
          },
          {
            name: 'Civil & Structural Engineering',
            uid: '531770282601639950',
            specialties: [
              { name: 'Building Information Modeling', aliases: ['BIM'] },
              'Civil Engineering',
              'Structural Engineering',
            ],
          },
          {
            name: 'Contract Manufacturing',
            uid: '531770282605834241',
            aliases: ['Manufacturing'],
            specialties: ['Logistics & Supply Chain Management', 'Sourcing & Procurement'],
          },
          {
            name: 'Electrical & Electronic Engineering',
            uid: '531770282601639951',
            specialties: [
              'Electrical Engineering',
              { name: 'Electronic Engineering', aliases: ['Electronics Engineering'] },
            ],
          },
          {
            name: 'Energy & Mechanical Engineering',
            uid: '531770282601639952',
            specialties: ['Energy Engineering', 'Mechanical Engineering'],
          },
          {
            name: 'Interior & Trade Show Design',
            uid: '531770282605834242',
            specialties: ['Interior Design', 'Trade Show Design'],
          },
          {
            name: 'Physical Sciences',
            uid: '1301900647896092672',
            specialties: ['Biology', 'Chemistry', 'Mathematics', 'Physics', 'STEM Tutoring'],
          },
          {
            name: '3D Modeling & CAD',
            uid: '531770282601639948',
            specialties: [
              { name: '3D Modeling & Rendering', aliases: ['3D Modeling', '3D Rendering'] },
              'CAD',
            ],
          },
        ],
      },
    ],
  },
  {
    name: 'Legal',
    aliases: [],
    categories: [
      {
        name: 'Legal',
        uid: '531770282584862723',
        aliases: ['Law', 'Legal Services', 'Criminal Law', 'Family Law'],
        subcategories: [
          {
            name: 'Corporate & Contract Law',
            uid: '531770282605834246',
            aliases: ['Contract Law'],
            formerUids: ['531770282605834245'],
            specialties: [
              { name: 'Business & Corporate Law', aliases: ['Corporate Law', 'Business Law'] },
              'General Counsel',
              'Intellectual Property Law',
              { name: 'Paralegal Services', aliases: ['Paralegal'] },
            ],
          },
          {
            name: 'Finance & Tax Law',
            uid: '531770283696353280',
            specialties: ['Securities & Finance Law', 'Tax Law'],
          },
          {
            name: 'International & Immigration Law',
            uid: '1484275156546932736',
            formerUids: ['531770282605834244'],
            specialties: ['Immigration Law', 'International Law'],
          },
          {
            name: 'Public Law',
            uid: '1484275408410693632',
            specialties: ['Labor & Employment Law', 'Regulatory Law'],
          },
        ],
      },
    ],
  },
];
