import type { Literal } from "mdast";
import type { CompileContext, Extension as FromMarkdownExtension, Token as MdastToken } from "mdast-util-from-markdown";
import type { Code, Construct, Effects, Extension, State, TokenizeContext } from "micromark-util-types";

/* Math in Markdown: only `$$…$$`, `\(…\)` and `\[…\]` open it, so "$5 and $10" stays text, and nothing is math inside
   code. A block begins and ends a line and has no blank line inside; everything else is math within a line. What is not
   closed is text. */

export interface Math extends Literal {
  type: "math";
}

export interface InlineMath extends Literal {
  type: "inlineMath";
}

declare module "mdast" {
  interface RootContentMap {
    math: Math;
    inlineMath: InlineMath;
  }
  interface PhrasingContentMap {
    inlineMath: InlineMath;
  }
  interface BlockContentMap {
    math: Math;
  }
}

declare module "micromark-util-types" {
  interface TokenTypeMap {
    mathFlow: "mathFlow";
    mathMark: "mathMark";
    mathText: "mathText";
    mathValue: "mathValue";
  }
}

const DOLLAR = 36;
const BACKSLASH = 92;
const OPENS_LINE = 40; // (
const OPENS_BLOCK = 91; // [
const CLOSES_LINE = 41; // )
const CLOSES_BLOCK = 93; // ]
/** A block that is longer is not looked for: unclosed ones must not cost the square of their length. */
const LONGEST_BLOCK = 200;
const PUNCTUATION = new Set([44, 46, 58, 59]);

const isBreak = (code: Code): boolean => code !== null && code < -2;
const isSpace = (code: Code): boolean => code === -2 || code === -1 || code === 32;

/** What ends it: two characters. */
type Closer = readonly [number, number];
const DOLLARS: Closer = [DOLLAR, DOLLAR];

/** Read an opening mark; `opened` gets what has to close it. */
function opening(effects: Effects, nok: State, marks: readonly number[], opened: (closer: Closer) => State): State {
  const start: State = (code) => {
    effects.enter("mathMark");
    effects.consume(code);
    return code === DOLLAR ? dollar : backslash;
  };
  const done = (closer: Closer): State => {
    effects.exit("mathMark");
    return opened(closer);
  };
  const dollar: State = (code) => {
    if (code !== DOLLAR) return nok(code);
    effects.consume(code);
    return (next) => (next === DOLLAR ? nok(next) : done(DOLLARS)(next));
  };
  const backslash: State = (code) => {
    if (code === null || !marks.includes(code)) return nok(code);
    effects.consume(code);
    return done([BACKSLASH, code === OPENS_LINE ? CLOSES_LINE : CLOSES_BLOCK]);
  };
  return start;
}

/** Two characters, then what `after` wants. */
function closing(closer: Closer, after: (effects: Effects, ok: State, nok: State) => State): Construct {
  return {
    partial: true,
    tokenize(effects, ok, nok) {
      const second: State = (code) => {
        if (code !== closer[1]) return nok(code);
        effects.consume(code);
        effects.exit("mathMark");
        return after(effects, ok, nok);
      };
      return (code) => {
        if (code !== closer[0]) return nok(code);
        effects.enter("mathMark");
        effects.consume(code);
        return second;
      };
    },
  };
}

/** Consume a piece of TeX up to where it may end; a backslash takes the next character with it. */
function value(effects: Effects, between: State, filled: () => void): State {
  const inside: State = (code) => {
    if (code === null || isBreak(code) || code === DOLLAR || code === BACKSLASH) {
      effects.exit("mathValue");
      return between(code);
    }
    if (!isSpace(code)) filled();
    effects.consume(code);
    return inside;
  };
  const escaped: State = (code) => {
    if (code === null || isBreak(code)) return inside(code);
    effects.consume(code);
    return inside;
  };
  return (code) => {
    effects.enter("mathValue");
    if (!isSpace(code)) filled();
    effects.consume(code);
    return code === BACKSLASH ? escaped : inside;
  };
}

/** For each content: what is known not to be closed any more. */
const unclosed = new WeakMap<object, Set<number>>();

const mathText: Construct = {
  name: "mathText",
  tokenize(this: TokenizeContext, effects, ok, nok) {
    const missing = unclosed.get(this) ?? new Set<number>();
    unclosed.set(this, missing);
    let empty = true;
    const filled = () => {
      empty = false;
    };
    const inside = (closer: Closer): State => {
      const done: State = (code) => {
        if (empty) return nok(code);
        effects.exit("mathText");
        return ok(code);
      };
      const data: State = (code) => value(effects, between, filled)(code);
      const end = closing(closer, (_, found) => found);
      const between: State = (code) => {
        if (code === null) {
          missing.add(closer[1]);
          return nok(code);
        }
        if (isBreak(code)) {
          effects.enter("lineEnding");
          effects.consume(code);
          effects.exit("lineEnding");
          return between;
        }
        return code === closer[0] ? effects.attempt(end, done, data)(code) : data(code);
      };
      return (code) => (missing.has(closer[1]) ? nok(code) : between(code));
    };
    const start = opening(effects, nok, [OPENS_LINE, OPENS_BLOCK], inside);
    return (code) => {
      effects.enter("mathText");
      return start(code);
    };
  },
};

/** After a block: at most a full stop, and the line ends. */
function lineEnds(effects: Effects, ok: State, nok: State): State {
  const spaces: State = (code) => {
    if (code === null || isBreak(code)) return ok(code);
    if (!isSpace(code)) return nok(code);
    effects.enter("whitespace");
    effects.consume(code);
    effects.exit("whitespace");
    return spaces;
  };
  return (code) => {
    if (code === null || !PUNCTUATION.has(code)) return spaces(code);
    effects.enter("mathValue");
    effects.consume(code);
    effects.exit("mathValue");
    return spaces;
  };
}

const mathFlow: Construct = {
  name: "mathFlow",
  concrete: true,
  tokenize(this: TokenizeContext, effects, ok, nok) {
    let lines = 0;
    let empty = true;
    let blank = false;
    const filled = () => {
      empty = blank = false;
    };
    const inside = (closer: Closer): State => {
      const done: State = (code) => {
        if (empty) return nok(code);
        effects.exit("mathFlow");
        return ok(code);
      };
      const data: State = (code) => value(effects, between, filled)(code);
      const end = closing(closer, lineEnds);
      const lineStart: State = (code) => (this.parser.lazy[this.now().line] === true ? nok(code) : indented(code));
      const indented: State = (code) => {
        if (!isSpace(code)) return between(code);
        effects.enter("linePrefix");
        effects.consume(code);
        effects.exit("linePrefix");
        return indented;
      };
      const between: State = (code) => {
        if (code === null || (isBreak(code) && (blank || ++lines > LONGEST_BLOCK))) return nok(code);
        if (isBreak(code)) {
          blank = true;
          effects.enter("lineEnding");
          effects.consume(code);
          effects.exit("lineEnding");
          return lineStart;
        }
        return code === closer[0] ? effects.attempt(end, done, data)(code) : data(code);
      };
      return between;
    };
    const start = opening(effects, nok, [OPENS_BLOCK], inside);
    return (code) => {
      effects.enter("mathFlow");
      return start(code);
    };
  },
};

export const mathSyntax: Extension = {
  flow: { [DOLLAR]: mathFlow, [BACKSLASH]: mathFlow },
  text: { [DOLLAR]: mathText, [BACKSLASH]: mathText },
};

function enter(type: "math" | "inlineMath") {
  return function (this: CompileContext, token: MdastToken) {
    this.enter({ type, value: "" }, token);
    this.buffer();
  };
}

function exit(this: CompileContext, token: MdastToken) {
  const tex = this.resume();
  const node = this.stack[this.stack.length - 1];
  if (node?.type === "math" || node?.type === "inlineMath") node.value = tex.trim();
  this.exit(token);
}

function data(this: CompileContext, token: MdastToken) {
  this.config.enter.data?.call(this, token);
  this.config.exit.data?.call(this, token);
}

export const mathFromMarkdown: FromMarkdownExtension = {
  enter: { mathFlow: enter("math"), mathText: enter("inlineMath") },
  exit: { mathFlow: exit, mathText: exit, mathValue: data },
};
