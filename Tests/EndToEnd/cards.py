"""What cards, tiles and tables of a page say, read from the page as people read it."""

import csv
import io


def card(page, title):
    """The card of a title."""
    return page.locator(".card", has=page.locator(f"h2:text-is('{title}')"))


def tiles(page):
    """Values by the names of the page's tiles."""
    return dict(page.eval_on_selector_all(
        ".tile", "all => all.map(one => ['label', 'value'].map(part => one.querySelector(`.tile-${part}`).firstChild.textContent))"))


def rows(page, title):
    """The cells of all rows of a card's table, those that are shown only on demand too; what stands below a value is left out."""
    found = card(page, title)
    more = found.get_by_role("button", name="Show all")
    if more.count():
        more.click()
    return found.locator("tbody tr").evaluate_all(
        "all => all.map(row => [...row.cells].map(cell => { const copy = cell.cloneNode(true); copy.querySelectorAll('.delta, .rule').forEach(one => one.remove()); return copy.textContent }))")


def legend(page, title):
    """The names of a chart's colours with what is said behind them."""
    return dict(card(page, title).locator(".legend li").evaluate_all(
        "all => all.map(one => { const value = one.querySelector('.muted').textContent; return [one.textContent.slice(0, -value.length), value.trim()] })"))


def saved(page, title):
    """The rows of a card's CSV as dictionaries."""
    with page.expect_download() as download:
        card(page, title).get_by_role("button", name="CSV").click()
    with open(download.value.path(), newline="") as file:
        return list(csv.DictReader(io.StringIO(file.read())))
