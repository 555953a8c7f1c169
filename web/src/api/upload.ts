import { ApiError, problemOf } from "./problem";
import { markViewing } from "./viewing";

export interface Uploaded {
  id: string;
  name: string;
  type: string;
  size: number;
}

/** Where files are handed in, below the workspace. */
type Place = "uploads" | "chat/files" | "chat/files/read";

/**
 * Hand in a file.
 *
 * onProgress  the part that is sent, from 0 to 1
 * Errors      ApiError with the server's sentence about what is wrong with the file; `network` when nothing came back
 */
export function upload<Row = Uploaded>(
  workspace: string,
  file: File,
  onProgress: (part: number) => void,
  place: Place = "uploads",
): { done: Promise<Row>; stop: () => void } {
  // fetch says nothing about how far it is.
  const request = new XMLHttpRequest();
  const done = new Promise<Row>((resolve, reject) => {
    request.upload.onprogress = (event) => {
      if (event.lengthComputable) onProgress(event.loaded / event.total);
    };
    request.onload = () => {
      const body = request.response as unknown;
      if (request.status < 400) resolve(body as Row);
      else reject(new ApiError(request.status, problemOf(body, request.getResponseHeader("x-request-id"))));
    };
    request.onerror = () => {
      reject(new ApiError(0, problemOf({ error: { code: "network", message: "" } }, null)));
    };
  });
  const form = new FormData();
  form.append("file", file);
  request.open("POST", `/api/workspaces/${encodeURIComponent(workspace)}/${place}`);
  request.responseType = "json";
  // A form of another site cannot send it.
  request.setRequestHeader("x-omna-request", "1");
  markViewing((name, value) => {
    request.setRequestHeader(name, value);
  });
  request.send(form);
  return {
    done,
    stop: () => {
      request.abort();
    },
  };
}
