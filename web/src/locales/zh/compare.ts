export const compare = {
  "compare.title": "比较模型",
  "compare.lead": "一个提示词，由两到四个模型并排回答。每个回答各是一次请求。",
  "compare.models": "模型",
  "compare.prompt": "提示词",
  "compare.costs": { one: "{count} 次请求", other: "{count} 次请求" },
  "compare.answers": "回答",
  "compare.first": "{time} 后出现首字",
  "compare.go_on": "用这个继续",
  "compare.again": "重新比较",
  "compare.said": "{model} 的回答已结束，花费 {amount} Credits",
} as const;
