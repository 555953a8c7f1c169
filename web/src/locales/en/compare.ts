export const compare = {
  "compare.title": "Compare models",
  "compare.lead": "One prompt, answered by two to four models side by side. Each answer is a request of its own.",
  "compare.models": "Models",
  "compare.prompt": "Prompt",
  "compare.costs": { one: "{count} request", other: "{count} requests" },
  "compare.answers": "Answers",
  "compare.first": "first word after {time}",
  "compare.go_on": "Continue with this one",
  "compare.again": "New comparison",
  "compare.said": "Answer of {model} is over, cost {amount} Credits",
} as const;
