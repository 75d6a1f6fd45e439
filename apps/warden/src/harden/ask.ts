import { type Interface, createInterface } from 'node:readline';
import { WrongUsage } from '../failures.js';
import type { Surroundings } from '../surroundings.js';

export interface Question {
  readonly text: string;
  readonly choices?: readonly string[];
  /** What an empty answer means; without it the question is put again. */
  readonly otherwise?: string;
}

/** Puts questions to whoever sits at the terminal. What was asked is written beside the result. */
export class Questions {
  private readonly terminal: Interface;
  private readonly lines: AsyncIterator<string>;

  constructor(private readonly surroundings: Pick<Surroundings, 'stdin' | 'err'>) {
    this.terminal = createInterface({ input: surroundings.stdin });
    this.lines = this.terminal[Symbol.asyncIterator]();
  }

  async ask({ text, choices, otherwise }: Question): Promise<string> {
    const hint = choices === undefined ? '' : ` (${choices.join(', ')})`;
    for (;;) {
      this.surroundings.err(`${text}${hint}${otherwise === undefined ? '' : ` [${otherwise}]`}: `);
      const next = await this.lines.next();
      if (next.done) throw new WrongUsage('The answers ended before the questions did.');
      const answer = next.value.trim() === '' ? otherwise : next.value.trim();
      if (answer !== undefined && (choices?.includes(answer) ?? true)) return answer;
    }
  }

  async isYes(text: string): Promise<boolean> {
    return (await this.ask({ text, choices: ['yes', 'no'], otherwise: 'no' })) === 'yes';
  }

  end(): void {
    this.terminal.close();
  }
}
