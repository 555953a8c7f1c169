"""The documentation: its list, a page for each topic, the same as Markdown, and a search."""

from starlette.responses import Response
from starlette.routing import Route

from omna.errors import UnknownUrl
from omna.website import guide
from omna.website.guide import Topic
from omna.website.pages.page import page
from omna.website.site import Site
from omna.website.visit import Visit
from omna.website.written import contents_of, html_of, text_of

#: A search has no more words than people type.
_LONGEST = 200


def routes(site: Site) -> list[Route]:
    site.documents += [(topic.path, topic.title) for topic in guide.topics("en")]
    return [
        page(site, "/docs", show=_list),
        page(site, "/docs/{topic}.md", show=_text),
        page(site, "/docs/{topic}", show=_topic),
    ]


async def _list(visit: Visit) -> Response:
    words = visit.query("q").strip()[:_LONGEST]
    return visit.publish(
        "docs.html", words=words, found=guide.search(visit.language, words), groups=guide.GROUPS,
        topics=guide.topics(visit.language),
    )  # fmt: skip


async def _topic(visit: Visit) -> Response:
    topic = _wanted(visit)
    before, after = guide.neighbours(visit.language, topic.name)
    return visit.publish(
        "topic.html",
        topic=topic,
        topics=guide.topics(visit.language),
        groups=guide.GROUPS,
        before=before,
        after=after,
        contents=contents_of(topic.body, visit.language),
        html=html_of(visit.site, topic.body, visit.language),
    )


async def _text(visit: Visit) -> Response:
    topic = _wanted(visit)
    return visit.publish(
        "topic.md",
        media_type="text/markdown; charset=utf-8",
        topic=topic,
        text=text_of(visit.site, topic.body, visit.language),
    )


def _wanted(visit: Visit) -> Topic:
    topic = guide.topic(visit.language, visit.request.path_params["topic"])
    if topic is None:
        raise UnknownUrl
    return topic
