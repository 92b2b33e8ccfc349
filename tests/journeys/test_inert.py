"""Corpus M in a real browser: what somebody posts runs nothing, fetches nothing and takes nobody's name, live or on the page."""

from playwright.async_api import Page, expect

from tests.journeys.deeds import SOON, box, comments, open_live, share_finding
from tests.journeys.visitor import Visit

# M01, M06 and M07: markup, taken names, and what a parser turns into something else when it is written out and read again.
SAMPLES = {
    "M01": '<script>pwned=1</script><img src=x onerror="pwned=1"><svg onload="pwned=1"></svg><iframe srcdoc="<script>parent.pwned=1</script>"></iframe>',
    "M01 page": '<form action="/sign-out" method=post><button>Logga ut</button></form><style>*{display:none}</style><base href="https://evil.example/">'
    '<meta http-equiv="refresh" content="0;url=https://evil.example/">',
    "M02": "[a](javascript:pwned=1) [b](JaVaScRiPt:pwned=1) [c](&#106;avascript:pwned=1) [d](data:text/html,<script>pwned=1</script>)",
    "M04": "![bild](https://tracker.example/1.gif)",
    "M06": '<a id="csrf" name="body">x</a><img name="cookie"><form id="write"></form>',
    "M07 mtext": '<math><mtext><table><mglyph><style><!--</style><img title="--&gt;&lt;img src=1 onerror=pwned=1&gt;">',
    "M07 noscript": '<noscript><p title="</noscript><img src=x onerror=pwned=1>"></noscript>',
    "M07 template": "<template><s><template><s><img src=x onerror=pwned=1>@shadow</s></template></s></template>",
    "M07 title": "<svg><title><!-- </title><img src=x onerror=pwned=1> --></title></svg>",
    "M07 foreignObject": '<svg></p><foreignObject><p><style><a id="</style><img src=1 onerror=pwned=1>"></style></p></foreignObject></svg>',
}
# Everything that stands in a comment's words, with its attributes.
BUILT = """(words) => [...words.querySelectorAll('*')].map((each) => `${each.localName} ${each.getAttributeNames().sort()}`.trim())"""
HARMLESS = {"p", "br", "a href,rel", "code"}


async def test_what_is_posted_stays_words(visit: Visit) -> None:
    maja, ingela = await visit("Maja Lindqvist"), await visit("Ingela Rask")
    path = await share_finding(maja, "Ord som inte gör något")
    await open_live(ingela, path)
    await open_live(maja, path)
    for name, sample in SAMPLES.items():
        await box(maja.page).fill(f"Prov {name}\n\n{sample}")
        await maja.page.get_by_role("button", name="Skicka", exact=True).click()
        await expect(comments(maja.page).filter(has_text=f"Prov {name}").last).to_be_visible()
    await expect(ingela.page.locator("[data-show-new]").or_(comments(ingela.page).nth(len(SAMPLES) - 1)).first).to_be_visible(timeout=SOON)
    while await comments(ingela.page).count() < len(SAMPLES):
        await ingela.page.locator("[data-show-new]").click()
    for page in (maja.page, ingela.page):
        await _is_inert(page)
        await page.reload()
        await expect(comments(page)).to_have_count(len(SAMPLES))
        await _is_inert(page)


async def _is_inert(page: Page) -> None:
    """Nothing has run; nothing but words is there; and as text every sample can be read."""
    assert await page.evaluate("typeof pwned") == "undefined"
    shown = comments(page).locator(".words")
    for words in await shown.all():
        assert set(await words.evaluate(BUILT)) <= HARMLESS, await words.inner_html()
    said = " ".join(await shown.all_inner_texts())
    assert all(mark in said for mark in ("<script>pwned=1</script>", "<mglyph>", "<noscript>", "<template>", "<foreignObject>"))
    assert await page.locator("#thread :is([id=csrf], [name=cookie], iframe, svg:not(.i))").count() == 0
    assert await page.evaluate("document.cookie.length >= 0 && document.forms.write.id === 'write'")
