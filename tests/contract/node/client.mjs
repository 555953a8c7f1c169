// The official Node clients, driven from pytest: one JSON command a line on stdin, one JSON answer a line on stdout.
// {"id", "act", "key", ...} → {"id", "result"} or {"id", "error": {name, status, code, message, requests}}

import readline from "node:readline";
import OpenAI from "openai";
import { createOpenAICompatible } from "@ai-sdk/openai-compatible";
import { createOpenAI } from "@ai-sdk/openai";
import { generateText, streamText, tool, jsonSchema } from "ai";

const baseURL = process.argv[2];
const HI = [{ role: "user", content: "hi" }];
const TOOLS = [
  { type: "function", function: { name: "look_up", parameters: { type: "object", properties: { q: { type: "string" } } } } },
];

function clientOf(key, counter) {
  // Counts every request, the client's own retries included.
  const counting = (url, init) => {
    counter.requests += 1;
    return fetch(url, init);
  };
  return new OpenAI({ apiKey: key, baseURL, fetch: counting });
}

const acts = {
  async chat({ key, model, fields }, counter) {
    const answer = await clientOf(key, counter).chat.completions.create({ model, messages: HI, ...fields });
    return { answer, requestId: answer._request_id };
  },

  async stream({ key, model, fields }, counter) {
    const stream = await clientOf(key, counter).chat.completions.create({ model, messages: HI, stream: true, ...fields });
    const chunks = [];
    for await (const chunk of stream) chunks.push(chunk);
    return { chunks };
  },

  // The helper that assembles a message is the strictest reader of deltas.
  async assembled({ key, model, fields }, counter) {
    const runner = clientOf(key, counter).chat.completions.stream({ model, messages: HI, ...fields });
    const completion = await runner.finalChatCompletion();
    return { message: completion.choices[0].message, finish: completion.choices[0].finish_reason, usage: completion.usage };
  },

  async parsed({ key, model }, counter) {
    const format = { type: "json_schema", json_schema: { name: "n", schema: { type: "object" } } };
    const answer = await clientOf(key, counter).chat.completions.create({ model, messages: HI, response_format: format });
    return { content: answer.choices[0].message.content };
  },

  async models({ key }, counter) {
    const ids = [];
    for await (const model of clientOf(key, counter).models.list()) ids.push(model.id);
    return { ids };
  },

  async embeddings({ key, model, input, fields }, counter) {
    const answer = await clientOf(key, counter).embeddings.create({ model, input, ...fields });
    return { vectors: answer.data.map((item) => Array.from(item.embedding)), usage: answer.usage };
  },

  async responses({ key, model, fields }, counter) {
    const answer = await clientOf(key, counter).responses.create({ model, input: "hi", ...fields });
    return { text: answer.output_text, status: answer.status, usage: answer.usage, id: answer.id };
  },

  async responsesStream({ key, model, fields }, counter) {
    const stream = clientOf(key, counter).responses.stream({ model, input: "hi", ...fields });
    const types = [];
    for await (const event of stream) types.push(event.type);
    const final = await stream.finalResponse();
    return { types, text: final.output_text, status: final.status };
  },

  // The AI SDK, through its two providers.
  async aiText({ key, model, api }) {
    const answer = await generateText({ model: aiModel(key, model, api), prompt: "hi", maxRetries: 0 });
    return { text: answer.text, finish: answer.finishReason, usage: answer.usage };
  },

  async aiStream({ key, model, api }) {
    const errors = [];
    const result = streamText({ model: aiModel(key, model, api), prompt: "hi", maxRetries: 0, onError: ({ error }) => errors.push(String(error?.message ?? error)) });
    const parts = [];
    let text = "";
    for await (const part of result.fullStream) {
      parts.push(part.type);
      if (part.type === "text-delta") text += part.text;
    }
    return { parts, text, errors };
  },

  async aiTools({ key, model, api }) {
    const found = tool({ inputSchema: jsonSchema({ type: "object", properties: {} }) });
    const answer = await generateText({ model: aiModel(key, model, api), prompt: "hi", tools: { get_weather: found, get_time: found }, maxRetries: 0 });
    return { calls: answer.toolCalls.map((call) => [call.toolName, call.input]), finish: answer.finishReason };
  },
};

function aiModel(key, model, api) {
  if (api === "responses") return createOpenAI({ apiKey: key, baseURL }).responses(model);
  return createOpenAICompatible({ name: "omna", apiKey: key, baseURL, includeUsage: true })(model);
}

for await (const line of readline.createInterface({ input: process.stdin })) {
  const command = JSON.parse(line);
  const counter = { requests: 0 };
  let outcome;
  try {
    outcome = { result: await acts[command.act](command, counter) };
  } catch (error) {
    outcome = {
      error: {
        name: error?.constructor?.name,
        status: error?.status ?? error?.statusCode,
        code: error?.code,
        type: error?.type,
        param: error?.param,
        message: String(error?.message),
        requestId: error?.requestID,
      },
    };
  }
  process.stdout.write(JSON.stringify({ id: command.id, requests: counter.requests, ...outcome }) + "\n");
}
