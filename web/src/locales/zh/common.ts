export const common = {
  "name.credits": "{amount} Credits",

  "copy.done": "已复制",
  "copy.selected": "已选中，请按 Ctrl C 复制",
  "snippet.language": "示例语言",
  "snippet.copy": "复制 {name}",

  "error.retry": "重试",
  "error.copy_id": "复制请求编号",
  "error.network": "Omna 没有响应。请检查网络后重试，已填写的内容不会丢失。",
  "error.unreadable": "出现了无法识别的问题，请重试。",
  "error.internal": "我们这边出了故障。如果产生了费用，该请求的收据会显示。",
  "error.away": "数据库暂时不可用。没有任何改动，请重试。",
  "error.not_found": "不存在，或已被删除。",
  "error.forbidden": "您的角色不允许此操作。",
  "error.rate": "尝试次数过多，请稍后再试。",
  "error.unverified": "请先验证您的邮箱地址。没有任何改动。",
  "error.unapproved": "您的账户正在等待审核。没有任何改动。",
  "error.invalid": "有一项内容不符合要求。",

  "wait.loading": "正在加载",
  "wait.slow": "加载时间比预期长。",

  "table.pages": "表格分页",
  "table.first": "第一页",
  "table.next": "下一页",

  "dialog.close": "关闭",
  "confirm.cancel": "取消",
  "confirm.type": "请输入 {text} 以确认",

  "secret.once": "只显示这一次。请像保管密码一样保管它：不要公开，也不要写进他人可以读取的网页或应用。",
  "secret.stored": "我已保存",
  "secret.close": "完成",

  "password.show": "显示密码",

  "stepup.title": "请确认是您本人",
  "stepup.why": "此操作需要重新验证身份，仅对这一次操作有效。",
  "stepup.method": "验证方式",
  "stepup.password": "密码",
  "stepup.code": "验证码",
  "stepup.code_hint": "来自验证器应用，或使用恢复码",
  "stepup.passkey": "通行密钥",
  "stepup.use_passkey": "使用通行密钥",
  "stepup.nothing": "您只能用通行密钥确认，而此浏览器在当前地址无法使用它。请换一个浏览器登录，或通过 https 访问。",
  "stepup.confirm": "确认",

  "soon.title": "此页面正在建设中",
} as const;
