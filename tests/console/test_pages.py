import re
from html.parser import HTMLParser

import httpx
import pytest

from casebase.console.security_headers import CONTENT_SECURITY_POLICY
from casebase.kernel.http.template import route_template

PAGES = {
    "/console/": 200,
    "/console/gallery/components": 200,
    "/console/gallery/notes": 200,
    "/console/gallery/form": 200,
    "/console/nowhere": 404,
    "/console/gallery/notes/not-a-uuid": 404,
    "/console/gallery/broken/403": 403,
    "/console/gallery/broken/503": 503,
    "/console/gallery/broken/500": 500,
    "/console/gallery/notes?after=broken": 422,
}


class InlineCode(HTMLParser):
    """Collect what the policy would refuse: inline scripts and styles, handlers, script URLs."""

    def __init__(self, html):
        super().__init__()
        self.found = []
        self.feed(html)

    def handle_starttag(self, tag, attributes):
        given = dict(attributes)
        if tag == "style" or (tag == "script" and "src" not in given):
            self.found.append(tag)
        self.found += [name for name in given if name == "style" or name.startswith("on")]
        self.found += [
            url
            for url in given.values()
            if url
            and re.match(r"(javascript|data|https?|//):?", url)
            and tag in ("script", "link", "img", "a", "use")
        ]

    handle_startendtag = handle_starttag


@pytest.mark.parametrize(("path", "status"), PAGES.items())
async def test_page_keeps_to_the_policy(member, path, status):
    reply = await member.get(path)
    assert reply.status_code == status
    assert reply.headers["content-security-policy"] == CONTENT_SECURITY_POLICY
    assert reply.headers["x-content-type-options"] == "nosniff"
    assert reply.headers["cache-control"] == "no-store"
    assert InlineCode(reply.text).found == []
    assert "<nav" in reply.text, "error pages keep the navigation"


async def test_login_page_keeps_to_the_policy(console):
    async with console.client() as client:
        reply = await client.get("/console/login")
        assert reply.headers["content-security-policy"] == CONTENT_SECURITY_POLICY
        assert InlineCode(reply.text).found == []


def test_policy_allows_nothing_inline_or_foreign():
    assert "unsafe" not in CONTENT_SECURITY_POLICY
    assert "default-src 'self'" in CONTENT_SECURITY_POLICY
    assert "frame-ancestors 'none'" in CONTENT_SECURITY_POLICY


async def test_failure_says_nothing_of_its_cause(member):
    reply = await member.get("/console/gallery/broken/500")
    assert "secret detail" not in reply.text
    assert "Something broke on our side" in reply.text


async def test_database_away_is_a_page_that_says_when_to_come_back(member):
    reply = await member.get("/console/gallery/broken/503")
    assert "retry-after" in reply.headers
    assert "The database is away" in reply.text


@pytest.mark.parametrize("path", ["/console/", "/console/gallery/components", "/console/live"])
async def test_nothing_is_shown_without_a_login(console, path):
    async with console.client() as client:
        assert (await client.get(path)).status_code == 303


@pytest.mark.parametrize("path", ["/", "/console"])
async def test_host_alone_and_address_without_the_slash_lead_to_the_console(console, path):
    async with console.client() as client:
        response = await client.get(path)
        assert (response.status_code, response.headers["location"]) == (307, "/console/")


async def test_no_redirect_names_the_host_that_a_request_claims(console):
    async with console.client() as client:
        response = await client.get("/console/gallery/notes/", headers={"host": "evil.example"})
        assert response.status_code == 404
        assert "location" not in response.headers


@pytest.mark.parametrize(
    ("path", "template"),
    [
        ("/console/login", "/console/login"),
        ("/console/gallery/notes/7", "/console/gallery/notes/{note_id}"),
        ("/console/nowhere", "unmatched"),
    ],
)
async def test_route_is_known_by_its_whole_template(console, path, template):
    known = []

    async def watched(scope, receive, send):
        await console.app(scope, receive, send)
        known.append(route_template(scope))

    transport = httpx.ASGITransport(watched)
    async with httpx.AsyncClient(transport=transport, base_url=console.base_url) as client:
        await client.get(path)
    assert known == [template]


async def test_event_source_without_a_login_is_told_so(console):
    async with console.client() as client:
        assert (await client.get("/console/live", headers={"accept": "text/event-stream"})).status_code == 401


async def test_assets_are_named_by_their_content_and_kept_for_good(console):
    async with console.client() as client:
        html = (await client.get("/console/login")).text
        names = re.findall(r"/console/static/[\w.-]+", html)
        assert {name.rsplit(".", 1)[1] for name in names} >= {"css", "js", "svg"}
        for name in names:
            reply = await client.get(name)
            assert reply.status_code == 200
            assert "immutable" in reply.headers["cache-control"]
        stale = names[0].replace(names[0].split(".")[-2], "0" * 12)
        assert (await client.get(stale)).status_code == 404


async def test_values_are_escaped(console, member):
    await console.add_notes("<script>alert(1)</script>")
    html = (await member.get("/console/gallery/notes")).text
    assert "<script>alert" not in html
    assert "&lt;script&gt;alert(1)" in html


async def test_search_text_comes_back_escaped(member):
    html = (await member.get('/console/gallery/notes?search="><script>alert(1)</script>')).text
    assert "<script>alert" not in html


async def test_chosen_theme_is_drawn_by_the_server(member):
    member.cookies.set("casebase_theme", "dark", domain="console.test", path="/console")
    assert '<html lang="en" data-theme="dark">' in (await member.get("/console/")).text


async def test_unknown_theme_is_ignored(member):
    member.cookies.set("casebase_theme", "x", domain="console.test", path="/console")
    assert '<html lang="en">' in (await member.get("/console/")).text


async def test_form_shows_each_error_at_its_field(member):
    html = (await member.get("/console/gallery/components")).text
    assert re.search(r'id="field-amount"[^>]*aria-invalid="true"[^>]*aria-describedby="error-amount"', html)
    assert '<p class="error" id="error-amount">Must be at least 0</p>' in html


async def test_navigation_offers_what_the_role_may_see(console, member):
    offered = (await member.get("/console/gallery/notes")).text
    assert "Webhooks" in offered
    assert "Vault" not in offered
    await console.owner.execute("update public.tenant_users set role = 'owner'")
    assert "Vault" in (await member.get("/console/gallery/notes")).text
    await console.owner.execute("update public.tenant_users set role = 'clerk'")
    assert "Webhooks" not in (await member.get("/console/gallery/notes")).text
