import pytest

from tests.console.conftest import EMAIL, PASSWORD
from tests.support.browser import browser_page  # noqa: F401 - the fixture
from tests.support.requires import requires

pytestmark = requires("chromium")
PHONE = {"width": 390, "height": 844}


@pytest.fixture
async def signed_in(console, address, browser_page):  # noqa: F811
    await console.create_user()
    await console.add_notes(*[f"Note {number:02}" for number in range(12)])
    await browser_page.goto(f"{address}/console/gallery/notes")
    await browser_page.fill("[name=email]", EMAIL)
    await browser_page.fill("[name=password]", PASSWORD)
    await browser_page.keyboard.press("Enter")
    await browser_page.wait_for_url("**/console/gallery/notes")
    return browser_page


async def test_shortcuts_overlay_opens_and_closes(signed_in):
    await signed_in.keyboard.press("?")
    assert await signed_in.locator("#shortcuts").is_visible()
    await signed_in.keyboard.press("Escape")
    assert not await signed_in.locator("#shortcuts").is_visible()


async def test_keys_move_through_rows_search_and_pages(signed_in):
    for key in "jjk":
        await signed_in.keyboard.press(key)
    assert await signed_in.locator("tr.is-current a").inner_text() == "Note 11"
    await signed_in.keyboard.press("/")
    await signed_in.keyboard.type("04")
    await signed_in.keyboard.press("Enter")
    await signed_in.wait_for_url("**/notes?search=04")
    assert await signed_in.locator("tbody tr").count() == 1
    await signed_in.keyboard.press("g")
    await signed_in.keyboard.press("h")
    await signed_in.wait_for_url("**/console/")


async def test_digits_choose_in_a_form(signed_in, address):
    await signed_in.goto(f"{address}/console/gallery/form")
    await signed_in.keyboard.press("2")
    assert await signed_in.locator("input[value=hot]").is_checked()
    await signed_in.keyboard.press("3")
    assert await signed_in.locator("input[value=dnc]").is_checked()
    await signed_in.locator("[name=note]").press("1")
    assert await signed_in.locator("input[value=dnc]").is_checked()


async def test_form_is_asked_over_the_page(signed_in, address):
    await signed_in.goto(f"{address}/console/gallery/components")
    await signed_in.get_by_role("link", name="Ask over the page").click()
    dialog = signed_in.locator("#form-dialog")
    await dialog.locator("[name=name]").wait_for()
    assert await dialog.locator("h2").inner_text() == "Form"
    await signed_in.keyboard.press("Escape")
    assert not await dialog.is_visible()
    await signed_in.get_by_role("link", name="Ask over the page").click()
    await dialog.locator("[name=name]").fill("Ada")
    await dialog.locator("[name=amount]").fill("5")
    await dialog.get_by_role("button", name="Save").click()
    await signed_in.wait_for_url("**/gallery/notes")


async def test_theme_choice_outlives_the_page(signed_in):
    await signed_in.emulate_media(color_scheme="light")
    ground = "getComputedStyle(document.body).backgroundColor"
    light = await signed_in.evaluate(ground)
    await signed_in.locator(".side [data-action=theme]").click()
    dark = await signed_in.evaluate(ground)
    assert dark != light
    await signed_in.reload()
    assert await signed_in.evaluate(ground) == dark


@pytest.mark.parametrize("path", ["/", "/gallery/components", "/gallery/notes", "/gallery/form"])
async def test_phone_shows_every_page_without_sideways_scrolling(signed_in, address, path):
    await signed_in.set_viewport_size(PHONE)
    await signed_in.goto(f"{address}/console{path}")
    assert await signed_in.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]


async def test_a_narrow_table_parts_words_only_where_one_would_fill_it(console, signed_in):
    await console.add_notes("Apartments", "x" * 180)
    await signed_in.reload()
    await signed_in.evaluate("document.querySelector('.table-wrap').style.width = '250px'")
    lines = """link => {
        const text = document.createRange()
        text.selectNodeContents(link)
        return text.getClientRects().length
    }"""
    assert await signed_in.get_by_role("link", name="Apartments").evaluate(lines) == 1
    assert await signed_in.get_by_role("link", name="x" * 180).evaluate(lines) > 1


@pytest.mark.parametrize("width", [390, 900, 1280])
async def test_figures_leave_no_hole_in_their_last_line(signed_in, address, width):
    await signed_in.goto(f"{address}/console/gallery/components")
    await signed_in.set_viewport_size({"width": width, "height": 900})
    for last in (4, 3):
        hole = await signed_in.locator(".stats").evaluate(
            """(stats, last) => {
                while (stats.children.length > last) stats.lastElementChild.remove()
                return stats.getBoundingClientRect().right - stats.lastElementChild.getBoundingClientRect().right
            }""",
            last,
        )
        assert hole < 2


async def test_a_facts_figure_is_not_broken_by_a_long_name(signed_in, address):
    await signed_in.goto(f"{address}/console/gallery/components")
    lines = await signed_in.locator(".facts > div").first.evaluate(
        """fact => {
            fact.style.width = "290px"
            fact.querySelector("dt").textContent = "Other property debt a month"
            fact.querySelector("dd").textContent = "S$1,234,567"
            const text = document.createRange()
            text.selectNodeContents(fact.querySelector("dd"))
            return text.getClientRects().length
        }"""
    )
    assert lines == 1


async def test_phone_reaches_the_navigation(signed_in):
    await signed_in.set_viewport_size(PHONE)
    await signed_in.locator("header summary").click()
    await signed_in.locator("header").get_by_role("link", name="Components").click()
    await signed_in.wait_for_url("**/gallery/components")


async def test_list_renews_itself(console, signed_in):
    await signed_in.wait_for_selector("html[data-live-state=ready]")
    await console.add_notes("Just arrived")
    await signed_in.get_by_role("link", name="Just arrived").wait_for()


async def test_typing_is_not_interrupted_by_an_update(console, signed_in):
    await signed_in.wait_for_selector("html[data-live-state=ready]")
    await signed_in.keyboard.press("/")
    await signed_in.keyboard.type("half")
    await console.add_notes("Just arrived")
    await signed_in.get_by_text("Show the update").wait_for()
    assert await signed_in.locator("[data-search]").input_value() == "half"


async def test_filters_work_without_a_script(console, address, browser_page):  # noqa: F811
    await console.create_user()
    await console.add_notes("Won one", status="won")
    await console.add_notes("Lost one", status="lost")
    context = await browser_page.context.browser.new_context(java_script_enabled=False)
    page = await context.new_page()
    await page.goto(f"{address}/console/gallery/notes")
    await page.fill("[name=email]", EMAIL)
    await page.fill("[name=password]", PASSWORD)
    await page.get_by_role("button", name="Sign in").click()
    await page.locator("select[name=status]").select_option("won")
    await page.get_by_role("button", name="Apply").click()
    assert await page.locator(".row-link").all_inner_texts() == ["Won one"]
