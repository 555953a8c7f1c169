"""A keyboard alone, or a finger, in place of the pointer of Playwright.

Journeys say what they click and fill. On a page used by keyboard the same words walk there with Tab, Shift+Tab and the
arrows, as somebody without a pointer does, and press Enter or Space: what cannot be reached fails the journey.
"""

import weakref
from collections.abc import Awaitable, Callable
from typing import Any

from playwright.async_api import BrowserContext, Error, JSHandle, Locator, Page

from tests.harness.looks import Hands

#: Keys on the way to one thing. Pages have some hundred stops at most.
_STEPS = 400
#: Where a value is chosen in a piece of the browser that pages cannot see.
_BROWSERS_OWN = frozenset({"date", "datetime-local", "month", "time", "week", "color", "range"})

_hands: "weakref.WeakKeyDictionary[BrowserContext, Hands]" = weakref.WeakKeyDictionary()

#: What takes the focus when somebody means this element.
_MEANT = """element => {
  const stops = 'a[href],area[href],button,input,select,textarea,summary,iframe,[tabindex],[contenteditable="true"]'
  const label = element.closest('label')
  // What a list points at without giving it the focus is reached from the field that owns the list.
  const stop = element.closest(`${stops},[role=option]`)
  if (label && label.control && !(stop && label.contains(stop))) return label.control
  return stop
}"""

#: The next key on the way there; '' on arrival.
_NEXT_KEY = """target => {
  const root = target.getRootNode(), at = root.activeElement ?? document.body
  if (!target.isConnected) return 'gone'
  if (at === target) return ''
  if (target.id && at.getAttribute('aria-activedescendant') === target.id) return ''
  const after = !!(at.compareDocumentPosition(target) & Node.DOCUMENT_POSITION_FOLLOWING)
  if (target.type === 'radio' && at.type === 'radio' && at.name === target.name && at.form === target.form)
    return after ? 'ArrowDown' : 'ArrowUp'
  // A list whose rows are one stop of Tab together: arrows go from row to row.
  const row = element => element.closest('[data-row]') ?? element.closest('li')?.querySelector('[data-row]')
  if (target.tabIndex < 0 && row(target) && row(at)) return after ? 'ArrowDown' : 'ArrowUp'
  const group = target.closest('[role=listbox],[role=menu],[role=tablist],[role=radiogroup],[role=tree],[role=grid],[role=toolbar]')
  if (group && target.tabIndex < 0) {
    const owns = (at.getAttribute('aria-controls') ?? '').split(' ').includes(group.id)
    const active = document.getElementById(at.getAttribute('aria-activedescendant') ?? '')
    if (group.contains(at) || (owns && group.id)) {
      const from = group.contains(at) && at !== group ? at : active
      const down = !from || !!(from.compareDocumentPosition(target) & Node.DOCUMENT_POSITION_FOLLOWING)
      const across = group.getAttribute('aria-orientation') === 'horizontal' ||
        (group.getAttribute('role') === 'tablist' && group.getAttribute('aria-orientation') !== 'vertical')
      return across ? (down ? 'ArrowRight' : 'ArrowLeft') : (down ? 'ArrowDown' : 'ArrowUp')
    }
  }
  return after || at === document.body ? 'Tab' : 'Shift+Tab'
}"""

_KIND = """target => {
  const role = target.getAttribute('role')
  if (target.matches('input[type=checkbox],input[type=radio]') || role === 'checkbox' || role === 'switch') return 'Space'
  if (role === 'combobox' && target.matches('input')) return target.getAttribute('aria-expanded') === 'true' ? '' : 'ArrowDown'
  if (target.matches('input:not([type=submit],[type=button],[type=file]),textarea,select,[contenteditable="true"]')) return ''
  return 'Enter'
}"""


def give(context: BrowserContext, hands: Hands) -> None:
    """Let all pages of a browser profile be used like this from now on."""
    _hands[context] = hands


async def reach(locator: Locator) -> JSHandle:
    """Walk to a thing by keyboard; return what has the focus, or what the focused field points at.

    Errors  AssertionError when no key leads there
    """
    for _ in range(3):
        try:
            target = await _walk(locator)
        except Error as error:
            if not _went_on(error):
                raise
        else:
            if target is not None:
                return target
    raise AssertionError(f"{locator} is drawn anew again and again")


def _went_on(error: Error) -> bool:
    """Return whether a page went on to the next one meanwhile: the thing is to be looked for there."""
    return "context was destroyed" in error.message


async def _walk(locator: Locator) -> JSHandle | None:
    """Return what was reached; None when it went away on the way there."""
    element = await locator.element_handle()
    await element.wait_for_element_state("visible")
    await element.wait_for_element_state("enabled")
    target = await element.evaluate_handle(_MEANT)
    assert target.as_element() is not None, f"nothing that takes the focus at {locator}"
    for _ in range(_STEPS):
        key = await target.evaluate(_NEXT_KEY)
        if key == "":
            return target
        if key == "gone":
            return None
        await locator.page.keyboard.press(key)
    focus = await locator.page.evaluate("document.activeElement?.outerHTML.slice(0, 200)")
    raise AssertionError(f"no key leads to {locator}; after {_STEPS} the focus is at {focus}")


async def _press(locator: Locator, times: int = 1) -> None:
    target = await reach(locator)
    try:
        key = await target.evaluate(_KIND)
    except Error as error:
        if not _went_on(error):
            raise
        target = await reach(locator)
        key = await target.evaluate(_KIND)
    for _ in range(times if key else 0):
        await _stroke(locator.page, target, key)


async def _stroke(page: Page, target: JSHandle, key: str) -> None:
    """Press a key on what was reached; where that leads to another page, be there."""
    element = target.as_element()
    try:
        focused = element and await element.evaluate("element => element.getRootNode().activeElement === element")
    except Error as error:
        # After the first of two strokes, which led there.
        if not _went_on(error):
            raise
        return
    if element and focused:
        await element.press(key)
    else:
        await page.keyboard.press(key)


async def _click(locator: Locator, *, force: bool = False) -> None:
    await _press(locator)


async def _double(locator: Locator) -> None:
    await _press(locator, 2)


async def _check(locator: Locator, *, force: bool = False) -> None:
    # By force is how a pointer gets at what is drawn over; a keyboard is not hindered by it.
    if not await locator.is_checked():
        target = await reach(locator)
        # A radio button is chosen on arrival.
        if not await target.evaluate("target => target.checked || target.getAttribute('aria-checked') === 'true'"):
            await locator.page.keyboard.press("Space")


async def _uncheck(locator: Locator, *, force: bool = False) -> None:
    if await locator.is_checked():
        await reach(locator)
        await locator.page.keyboard.press("Space")


async def _fill(locator: Locator, value: str) -> None:
    target = await reach(locator)
    if await target.evaluate("target => target.type") in _BROWSERS_OWN:
        await _pointer["fill"](locator, value)
        return
    keyboard = locator.page.keyboard
    await keyboard.press("Control+a")
    await (keyboard.insert_text(value) if value else keyboard.press("Delete"))


async def _clear(locator: Locator) -> None:
    await _fill(locator, "")


async def _key(locator: Locator, key: str) -> None:
    await _stroke(locator.page, await reach(locator), key)


async def _type(locator: Locator, text: str) -> None:
    await reach(locator)
    await locator.page.keyboard.type(text)


async def _select(locator: Locator, *values: Any, **named: Any) -> Any:
    await reach(locator)
    return await _pointer["select_option"](locator, *values, **named)


async def _hover(locator: Locator) -> None:
    await reach(locator)


async def _tap(locator: Locator, *, force: bool = False) -> None:
    await locator.tap(force=force)


_KEYBOARD: dict[str, Callable[..., Awaitable[Any]]] = {
    "click": _click, "dblclick": _double, "check": _check, "uncheck": _uncheck, "fill": _fill, "clear": _clear,
    "press": _key, "type": _type, "press_sequentially": _type, "select_option": _select, "hover": _hover, "tap": _click,
}  # fmt: skip
_FINGER: dict[str, Callable[..., Awaitable[Any]]] = {"click": _tap}
_OURS: dict[Hands, dict[str, Callable[..., Awaitable[Any]]]] = {"pointer": {}, "keyboard": _KEYBOARD, "finger": _FINGER}
_pointer: dict[str, Callable[..., Awaitable[Any]]] = {name: getattr(Locator, name) for name in _KEYBOARD}


def _dispatching(name: str) -> Callable[..., Awaitable[Any]]:
    async def act(locator: Locator, *values: Any, **named: Any) -> Any:
        ours = _OURS[_hands.get(locator.page.context, "pointer")]
        return await ours.get(name, _pointer[name])(locator, *values, **named)

    return act


for _name in _KEYBOARD:
    setattr(Locator, _name, _dispatching(_name))
