"""The collection, explained.

When the explainer was finished and met the third that had been set aside for the first time, the
sub-expression, the operands and the layer were right in all 36, also by the line alone; in two the
kind was called ``index`` instead of ``shape``.  Every mend that was offered (for 21) made it run.
"""

from __future__ import annotations

import pytest

from .snippets import SNIPPETS, Snippet
from .told import Failed, plain


@pytest.mark.parametrize("snippet", SNIPPETS, ids=lambda s: s.name)
def test_the_sub_expression_and_its_operands_are_named(snippet: Snippet) -> None:
    failed = Failed(snippet)
    assert not failed.wrong(), failed.explanation and failed.explanation.text()
    failed.user.close()


@pytest.mark.parametrize("snippet", SNIPPETS, ids=lambda s: s.name)
def test_every_mend_that_is_offered_makes_it_run(snippet: Snippet) -> None:
    failed = Failed(snippet)
    assert not failed.useless()
    failed.user.close()


@pytest.mark.parametrize("snippet", SNIPPETS, ids=lambda s: s.name)
def test_with_the_line_alone_nothing_wrong_is_said(snippet: Snippet) -> None:
    failed = Failed(snippet, exact=False)
    told = failed.explanation
    if told is not None and told.expression is not None:
        assert plain(told.expression) == plain(snippet.failing)
        assert not failed.wrong(), told.text()
    failed.user.close()
