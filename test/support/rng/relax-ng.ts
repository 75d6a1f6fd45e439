import { once } from 'node:events';
import { join } from 'node:path';
import { Worker } from 'node:worker_threads';

/** An element as a reader of XML sees it. */
export interface XmlNode {
  readonly name: string;
  readonly attributes: Readonly<Record<string, string>>;
  readonly children: readonly XmlNode[];
  /** What stands directly in it, white space too. */
  readonly text: string;
}

export interface Judged {
  /** Why it is refused; null: it is accepted. */
  readonly fault: string | null;
  /** Null: it is not well-formed. */
  readonly root: XmlNode | null;
}

/** Reads XML and judges it by a grammar of this folder. Holds a thread: `close` ends it. */
export class RelaxNg {
  private readonly worker: Worker;
  private asked = 0;

  /** @param grammar name of the file */
  constructor(grammar: string) {
    this.worker = new Worker(join(__dirname, 'validate-worker.mjs'), { workerData: join(__dirname, grammar) });
  }

  /** One question at a time; the answers are in the order of the texts. */
  async judge(texts: readonly string[]): Promise<readonly Judged[]> {
    const id = (this.asked += 1);
    this.worker.postMessage({ id, texts });
    // Rejects when the thread ends by an error.
    const [answer] = (await once(this.worker, 'message')) as [{ id: number; judged: readonly Judged[] }];
    if (answer.id !== id) throw new Error('Two questions were asked at a time.');
    return answer.judged;
  }

  async close(): Promise<void> {
    await this.worker.terminate();
  }
}
