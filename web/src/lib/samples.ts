/* Ready-made calls. base: the public URL, without /v1. */

export interface SampleCall {
  label: string;
  code: string;
}

/** Return the same chat in curl, Python and Node. */
export function chatSamples(base: string, model: string, key = "omna_xxx"): SampleCall[] {
  return [
    { label: "curl", code: curlSample(base, model, key) },
    {
      label: "Python",
      code: `from openai import OpenAI

client = OpenAI(
    base_url="${base}/v1",
    api_key="${key}",
)
answer = client.chat.completions.create(
    model="${model}",
    messages=[{"role": "user", "content": "Plan my AI workflow"}],
)
print(answer.choices[0].message.content)`,
    },
    {
      label: "Node",
      code: `import OpenAI from "openai";

const client = new OpenAI({
  baseURL: "${base}/v1",
  apiKey: "${key}",
});
const answer = await client.chat.completions.create({
  model: "${model}",
  messages: [{ role: "user", content: "Plan my AI workflow" }],
});
console.log(answer.choices[0].message.content);`,
    },
  ];
}

/** Return one chat in curl. */
export function curlSample(base: string, model: string, key = "omna_xxx"): string {
  return `curl ${base}/v1/chat/completions \\
  -H "Authorization: Bearer ${key}" \\
  -H "Content-Type: application/json" \\
  -d '{"model":"${model}","messages":[
       {"role":"user","content":"Plan my AI workflow"}]}'`;
}

/** Return the two lines that every OpenAI client reads. */
export function exportSample(base: string, key = "omna_xxx"): string {
  return `export OPENAI_BASE_URL=${base}/v1\nexport OPENAI_API_KEY=${key}`;
}
