import { prepare, type PreparedFile, type Wish } from "./prepare";
import type { Answered, Asked } from "./surfaces_worker";

interface Order extends Asked {
  readonly signal: AbortSignal;
  readonly done: (made: PreparedFile) => void;
  readonly broken: (fault: unknown) => void;
}

/** The worker's script lies beside this one; a page that holds its scripts itself has none. */
const SCRIPT = (document.currentScript as HTMLScriptElement | null)?.src.replace("case_stage", "surfaces_worker") ?? "";
const MOST_WORKERS = 3;

/** Prepares files beside the page's own work, one a worker at a time; where there can be no worker, in the page. */
export class Workshop {
  private readonly idle: Worker[] = [];
  private readonly waiting: Order[] = [];
  private hired = 0;
  private readonly most = SCRIPT === "" ? 0 : Math.min(MOST_WORKERS, Math.max(1, (navigator.hardwareConcurrency || 2) - 1));

  /** Prepare a file, whose bytes are taken. Rejects where it can't be read, or as the signal says. */
  prepare(bytes: ArrayBuffer, wish: Wish, signal: AbortSignal): Promise<PreparedFile> {
    if (this.most === 0) return prepare(bytes, wish);
    return new Promise((done, broken) => {
      this.waiting.push({ bytes, wish, signal, done, broken });
      this.hand();
    });
  }

  /** Give the next order that somebody still waits for to an idle worker. */
  private hand(): void {
    const worker = this.idle.pop() ?? this.hire();
    if (worker === null) return;
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
      order.broken(new Error(event.message || "the page's helper could not be started"));
      worker.terminate();
      this.hired -= 1;
      this.hand();
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

  private hire(): Worker | null {
    if (this.hired === this.most || this.waiting.length === 0) return null;
    this.hired += 1;
    return new Worker(SCRIPT);
  }
}
