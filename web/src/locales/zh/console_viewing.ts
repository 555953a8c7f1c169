export const console_viewing = {
  "console_viewing.begin": "以客户视角查看",
  "console_viewing.title": "以 {name} 的视角查看应用",
  "console_viewing.text": "只读，最长 60 分钟。此操作及您打开的每个工作区都会写入审计日志。不显示对话、文件和导出内容。",
  "console_viewing.begun": "您正以该客户的视角查看应用。",
  "viewing.banner": "只读：{staff} 正以 {user}（{email}）的视角查看应用，至 {until} 为止。此操作已记录。",
  "viewing.loading": "只读：您正以客户的视角查看应用。",
  "viewing.end": "结束",
  "viewing.no_files": "以客户视角查看时不能下载文件或导出内容。",
} as const;
