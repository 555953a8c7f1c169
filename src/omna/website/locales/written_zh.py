"""用 Markdown 写成的内容周围的文字：法律文本与文档，简体中文。"""

TEXTS = {
    "written.code": "代码",
    "written.table": "表格",
    "written.contents": "本页内容",
    "written.operator": "本站的运营者",
    "written.support": "工作区中的支持",
    "legal.version": "版本 {version}，自 {since} 起生效。",
    "legal.prevails.en": "本文以英文和中文发布；两者不一致时，以英文文本为准。",
    "legal.prevails.zh": "本文以英文和中文发布；两者不一致时，以中文文本为准。",
    "legal.only.en": "本文仅以英文发布。",
    "legal.only.zh": "本文仅以中文发布。",
}
