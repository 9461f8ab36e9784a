"""How a file writes its numbers, stated by the example of the number 1234.56."""

import re
from dataclasses import dataclass, replace

from helpers.errors import ParamsError

# Blanks that part thousands: the plain one, no-break, narrow no-break, thin.
BLANKS = " \u00a0\u202f\u2009"
APOSTROPHES = "'’"
THOUSANDS = (",", ".", " ", "'")
EXAMPLE = re.compile(
    r"(?P<prefix>\D*?)1(?P<thousands>[,.'’ \u00a0\u202f\u2009]?)234"
    r"((?P<decimal>[.,])56)?(?P<suffix>\D*)"
)
CURRENCY_SIGNS = "$€£¥₹₺₽₩₪₫₴₦฿¢"
CURRENCY_CODES = (
    *("USD", "EUR", "GBP", "JPY", "CNY", "CHF", "CAD", "AUD", "NZD", "INR", "TRY", "TL", "RUB"),
    *("BRL", "R$", "MXN", "PLN", "zł", "SEK", "NOK", "DKK", "kr", "kr.", "CZK", "Kč", "HUF", "Ft"),
    *("ZAR", "KRW", "SGD", "HKD", "Rs", "Rs.", "Fr.", "US$", "Euro", "euro", "EURO", "руб.", "руб"),
)


@dataclass(frozen=True)
class NumberFormat:
    """
    Marks around and within the numbers of a column.

    A negative number may have a minus before or after it, or stand in parentheses, in any format;
    `negative` (`-`, `()` or `−`) says which is meant where nothing else tells a format from plain
    numbers.
    """

    decimal: str = "."
    thousands: str = ""
    prefix: str = ""
    suffix: str = ""
    negative: str = ""

    @property
    def example(self) -> str:
        """
        The number 1234.56 in this format.

        Examples
        --------
        >>> NumberFormat(",", ".", suffix=" €").example
        '1.234,56 €'
        """
        number = f"{self.prefix}1{self.thousands}234{self.decimal}56{self.suffix}"
        before, after = {"": ("", ""), "-": ("", "-"), "()": ("(", ")"), "−": ("−", "")}[
            self.negative
        ]
        return f"{before}{number}{after}"

    @property
    def is_plain(self) -> bool:
        """Whether a number needs no format to be read."""
        return self == NumberFormat()

    @property
    def unit(self) -> str:
        """
        Unit that the marks tell of: `percent`, `money` or nothing.

        Examples
        --------
        >>> NumberFormat(suffix="%").unit, NumberFormat(prefix="$").unit, NumberFormat(",").unit
        ('percent', 'money', '')
        """
        marks = (self.prefix.strip(), self.suffix.strip())
        if "%" in marks:
            return "percent"
        is_money = any(one and (one in CURRENCY_SIGNS or one in CURRENCY_CODES) for one in marks)
        return "money" if is_money else ""


def parse_number_format(text: str, *, where: str) -> NumberFormat:
    """
    Read the example of a number format.

    Parameters
    ----------
    text : str
        The number 1234.56 as the file writes it; the decimals may be left out.
    where : str
        Where it stands, for messages.

    Returns
    -------
    NumberFormat
        Its marks. Without decimals the decimal mark is the point, or the comma where the point
        parts thousands.

    Raises
    ------
    ParamsError
        Where the text is not the number 1234.56.

    Examples
    --------
    >>> parse_number_format("$1,234.56", where="")
    NumberFormat(decimal='.', thousands=',', prefix='$', suffix='', negative='')
    >>> parse_number_format("1234,56", where="").decimal
    ','
    """
    found = EXAMPLE.fullmatch(text)
    if found is None:
        raise ParamsError(
            f"{where}: {text!r} is no number format: write the number 1234.56 as the file does, "
            "like '1.234,56', '1234,56', '$1,234.56' or '1234.56%'."
        )
    thousands = found["thousands"]
    thousands = " " if thousands and thousands in BLANKS else thousands.replace("’", "'")
    decimal = found["decimal"] or ("," if thousands == "." else ".")
    if thousands == decimal:
        raise ParamsError(
            f"{where}: {text!r} parts thousands and decimals by the same mark: "
            "write the number 1234.56 as the file does, like '1.234,56'."
        )
    # Signs and parentheses of negative numbers are read in every format.
    prefix = found["prefix"].lstrip("(+-−").rstrip("(")
    suffix = found["suffix"].rstrip(")-−").lstrip(")")
    form = NumberFormat(decimal, thousands, prefix, suffix)
    if form.is_plain:
        sign = "".join(one for one in text if one in "()-−")
        form = replace(form, negative=sign if sign in ("()", "−") else "-" if sign else "")
    return form
