/** A message to one address. */
export interface Message {
  to: string;
  subject: string;
  text: string;
  html: string;
  /** Of letters, digits, `-` and `.`; the same for the same message, however often it is sent: its Message-ID is made of it. */
  id: string;
}

/** What a mail server says to a message: taken, or refused for good, with its code (`550`, `550 5.1.1`). */
export type Delivery = { taken: true } | { taken: false; code: string };

/** Sends e-mail. */
export interface Mailer {
  /**
   * Hands a message over. What it throws and gives back tells nothing of address or content: it may be logged.
   * @throws AppError `unavailable` when it may be taken later: the server is away, or does not take it now.
   */
  send: (message: Message) => Promise<Delivery>;
  /** Removes what it keeps of messages to an address, where it keeps any. Gives how many. */
  forget: (address: string) => Promise<number>;
}
