"""Rows and lines of text files."""

import csv
import io

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from helpers.tables.text_lines import RowCount, check_text, count_rows, lines_of_rows, records

TEXT = b'a,b\n\n1,2\n"x\n\ny",3\n\n"p""q",4\n5,6'


def test_rows_know_the_line_on_which_they_begin(tmp_path):
    path = tmp_path / "t.csv"
    path.write_bytes(TEXT)
    found = lines_of_rows(range(9), [path], separator=",", compressed=False)
    assert {row: line for row, (_, line) in found.items()} == {0: 3, 1: 4, 2: 8, 3: 9}
    assert check_text(path, compressed=False).total() == 5
    assert count_rows([path], separator=",", compressed=False) == 4


def test_faults_do_not_hide_what_follows():
    found = list(records(io.BytesIO(b'a,b\n"x"y,1\n2,3\n"z,4\n'), separator=","))
    assert [(one.line, one.fields, bool(one.fault)) for one in found] == [
        (1, 2, False),
        (2, 2, True),
        (3, 2, False),
        (4, 1, True),
    ]


@settings(
    max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    rows=st.lists(
        st.lists(st.text('ab,;"\n\r ', max_size=5), min_size=2, max_size=3), min_size=1, max_size=8
    ),
    cut=st.integers(1, 7),
    end=st.sampled_from(["\n", "\r\n"]),
)
def test_what_the_csv_module_writes_is_counted_as_it_reads(rows, cut, end):
    text = io.StringIO(newline="")
    csv.writer(text, lineterminator=end, quoting=csv.QUOTE_ALL).writerows(rows)
    data = text.getvalue().encode()
    found = list(records(io.BytesIO(data), separator=","))
    assert [one.fields for one in found] == [len(row) for row in rows]
    assert not any(one.fault for one in found)
    count = RowCount()
    first = data.index(b"\n") + 1
    blocks = [data[:first], *(data[at : at + cut] for at in range(first, len(data), cut))]
    for block in blocks:
        if block:
            count.add(block)
    assert count.total() == len(rows)
