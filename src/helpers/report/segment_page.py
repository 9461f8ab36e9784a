"""A segment's page, as a cell shows it."""

from helpers.narrative.segment_pages import Page
from helpers.report import components


def segment_page(page: Page) -> components.Shown:
    """
    Show the page of a segment: who they are beside what to do, then how far to believe it.

    Parameters
    ----------
    page
        What the page says; of a segment that is too small to be told of, its size alone.

    Returns
    -------
    components.Shown
        Under a heading of its own.
    """
    parts = [components.say(page.lead), components.key_figures(page.figures)]
    if len(page.profile):
        who = components.table(page.profile, caption=page.caption)
        habits = components.points(*page.habits)
        parts.append(
            components.beside(components.together(who, habits), components.facts(page.advice))
        )
    parts.append(components.say(*page.belief))
    return components.page(page.title, page.segment, *parts)
