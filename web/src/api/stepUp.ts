/* Some acts need a fresh proof of who is asking. The client asks here, the dialog of ui/ answers, the request goes again. */

export interface Confirmation {
  action: string;
  target: string;
  methods: string[];
}

type Asker = (confirmation: Confirmation) => Promise<boolean>;

let asker: Asker = () => Promise.resolve(false);
let running: Promise<boolean> | null = null;

/** The dialog makes itself known. */
export function onConfirmation(dialog: Asker): void {
  asker = dialog;
}

/** Ask the person; true once the proof is stored. One dialog at a time: another act waits for the one before. */
export async function askToConfirm(details: Record<string, unknown>): Promise<boolean> {
  while (running !== null) await running;
  running = asker({
    action: typeof details.action === "string" ? details.action : "",
    target: typeof details.target === "string" ? details.target : "",
    methods: Array.isArray(details.methods) ? details.methods.filter((one) => typeof one === "string") : ["password"],
  });
  try {
    return await running;
  } finally {
    running = null;
  }
}
