/* The console closes by itself. The client asks here, the dialog of console/ answers, the requests that wait go again. */

type Opener = () => Promise<boolean>;

let opener: Opener = () => Promise.resolve(false);
let running: Promise<boolean> | null = null;

/** The dialog makes itself known. */
export function onConsoleClosed(dialog: Opener): void {
  opener = dialog;
}

/** Ask for the console to be opened; true once it is. Everything that waits shares one dialog. */
export function askToOpen(): Promise<boolean> {
  running ??= opener().finally(() => {
    running = null;
  });
  return running;
}
