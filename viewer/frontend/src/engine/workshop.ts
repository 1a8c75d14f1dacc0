import { prepare, type PreparedFile, type Wish } from "./prepare";
import type { Answered, Asked } from "./surfaces_worker";

interface Order extends Asked {
  readonly signal: AbortSignal;
  readonly done: (made: PreparedFile) => void;
  readonly broken: (fault: unknown) => void;
}

const MOST_WORKERS = 3;

/** The address of the workers' script, which lies beside this one; empty where a page holds its scripts itself. */
export function workersScript(): string {
  return (document.currentScript as HTMLScriptElement | null)?.src.replace("case_stage", "surfaces_worker") ?? "";
}

/** Prepares files beside the page's own work, one a worker at a time; where no worker can be had, in the page. */
export class Workshop {
  private readonly idle: Worker[] = [];
  private readonly waiting: Order[] = [];
  private hired = 0;
  private most: number;

  constructor(private readonly script: string) {
    this.most = script === "" ? 0 : Math.min(MOST_WORKERS, Math.max(1, (navigator.hardwareConcurrency || 2) - 1));
  }

  /** Prepare a file, whose bytes are taken. Rejects where it can't be read, or as the signal says. */
  prepare(bytes: ArrayBuffer, wish: Wish, signal: AbortSignal): Promise<PreparedFile> {
    return new Promise((done, broken) => {
      this.waiting.push({ bytes, wish, signal, done, broken });
      this.hand();
    });
  }

  /** Give the next order that somebody still waits for to whoever is free. */
  private hand(): void {
    if (this.most === 0) {
      for (let order = this.next(); order !== null; order = this.next()) prepare(order.bytes, order.wish).then(order.done, order.broken);
      return;
    }
    const worker = this.idle.pop();
    if (worker === undefined) return this.hire();
    const order = this.next();
    if (order === null) return void this.idle.push(worker);
    const end = () => {
      this.idle.push(worker);
      this.hand();
    };
    worker.onmessage = ({ data }: MessageEvent<Answered>) => {
      if ("made" in data) order.done(data.made);
      else order.broken(new Error(data.fault));
      end();
    };
    worker.onerror = (event) => {
      order.broken(new Error(event.message));
      end();
    };
    worker.postMessage({ bytes: order.bytes, wish: order.wish }, [order.bytes]);
  }

  private next(): Order | null {
    for (let order = this.waiting.shift(); order !== undefined; order = this.waiting.shift()) {
      if (!order.signal.aborted) return order;
      order.broken(order.signal.reason);
    }
    return null;
  }

  /** Start another worker, if there may be one; bytes are given to it when it says that it is there. */
  private hire(): void {
    if (this.hired === this.most || this.waiting.length === 0) return;
    this.hired += 1;
    const worker = new Worker(this.script);
    worker.onmessage = () => {
      this.idle.push(worker);
      this.hand();
    };
    worker.onerror = () => {
      this.most = 0;
      this.hand();
    };
  }
}
