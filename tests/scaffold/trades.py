"""Tables as people of different trades bring them, made up, with what is right for each."""

import uuid
from dataclasses import dataclass, field

import numpy as np
import pandas as pd


@dataclass(frozen=True)
class Trade:
    """
    One table and what its draft must say.

    `features` must all be features, `never` none; the rest of the columns may be either, with a
    reason. `value` is the column of money earned, an empty text for none.
    """

    table: pd.DataFrame
    id_column: str = ""
    features: tuple[str, ...] = ()
    never: tuple[str, ...] = ()
    value: str = ""
    outcomes: tuple[str, ...] = ()
    categories: tuple[str, ...] = ()
    parts: dict[str, str] = field(default_factory=dict)


def _dates(rng: np.random.Generator, rows: int, first: str, days: int) -> pd.Series:
    return pd.Series(pd.to_datetime(first) + pd.to_timedelta(rng.integers(0, days, rows), "D"))


def bank_churn(rows: int = 400) -> Trade:
    """Row number, customer's key, surname, yes and no as numbers, what has become of them."""
    rng = np.random.default_rng(1)
    table = pd.DataFrame(
        {
            "RowNumber": np.arange(1, rows + 1),
            "CustomerId": rng.permutation(np.arange(15_565_701, 15_565_701 + rows)),
            "Surname": rng.choice([f"Smith{n}" for n in range(30)], rows),
            "CreditScore": rng.normal(650, 90, rows).round().astype(int),
            "Geography": rng.choice(["France", "Spain", "Germany"], rows),
            "Gender": rng.choice(["Female", "Male"], rows),
            "Age": rng.gamma(16, 2.4, rows).round().astype(int) + 18,
            "Tenure": rng.integers(0, 11, rows),
            "Balance": np.where(rng.random(rows) < 0.4, 0, rng.normal(120_000, 30_000, rows)),
            "NumOfProducts": rng.choice([1, 2, 3, 4], rows, p=[0.5, 0.45, 0.03, 0.02]),
            "HasCrCard": rng.choice([0, 1], rows),
            "IsActiveMember": rng.choice([0, 1], rows),
            "EstimatedSalary": rng.uniform(100, 200_000, rows).round(2),
            "Exited": rng.choice([0, 1], rows, p=[0.8, 0.2]),
        }
    )
    return Trade(
        table,
        "CustomerId",
        ("CreditScore", "Age", "Tenure", "Balance", "EstimatedSalary", "NumOfProducts"),
        ("RowNumber", "CustomerId", "Surname", "HasCrCard", "Exited", "Geography"),
        outcomes=("Exited",),
        categories=("Geography", "Gender", "HasCrCard", "IsActiveMember"),
    )


def bank_marketing(rows: int = 400) -> Trade:
    """Telephone campaign of a bank: sentinels, day of the month, `y`; no key."""
    rng = np.random.default_rng(2)
    called = rng.random(rows) < 0.2
    table = pd.DataFrame(
        {
            "age": rng.normal(41, 10, rows).clip(18, 90).round().astype(int),
            "job": rng.choice(["admin.", "technician", "retired", "student"], rows),
            "marital": rng.choice(["married", "single", "divorced"], rows),
            "default": rng.choice(["yes", "no"], rows, p=[0.1, 0.9]),
            "balance": rng.normal(1400, 2000, rows).round().astype(int),
            "housing": rng.choice(["yes", "no"], rows),
            "loan": rng.choice(["yes", "no"], rows),
            "contact": rng.choice(["cellular", "telephone", "unknown"], rows),
            "day": rng.integers(1, 32, rows),
            "month": rng.choice(["may", "jun", "jul"], rows),
            "duration": rng.exponential(260, rows).round().astype(int),
            "campaign": rng.geometric(0.4, rows),
            "pdays": np.where(called, rng.integers(1, 400, rows), -1),
            "previous": np.where(called, rng.integers(1, 6, rows), 0),
            "poutcome": rng.choice(["failure", "other", "success", "unknown"], rows),
            "y": rng.choice(["yes", "no"], rows, p=[0.15, 0.85]),
        }
    )
    return Trade(
        table,
        "",
        ("age", "balance", "duration", "previous"),
        ("day", "pdays", "y", "default", "month"),
        outcomes=("default", "y"),
        categories=("job", "marital", "housing", "loan", "poutcome"),
        parts={"recency_column": ""},
    )


def card_holders(rows: int = 400) -> Trade:
    """Card customers who stay or leave, in words; the outputs of another model."""
    rng = np.random.default_rng(3)
    limit = rng.gamma(2, 4000, rows).round(1)
    open_ = limit * rng.uniform(0.9, 1, rows)
    table = pd.DataFrame(
        {
            "CLIENTNUM": rng.permutation(np.arange(708_082_083, 708_082_083 + rows)),
            "Attrition_Flag": rng.choice(
                ["Existing Customer", "Attrited Customer"], rows, p=[0.84, 0.16]
            ),
            "Customer_Age": rng.normal(46, 8, rows).round().astype(int),
            "Gender": rng.choice(["F", "M"], rows),
            "Dependent_count": rng.integers(0, 6, rows),
            "Education_Level": rng.choice(["Graduate", "High School", "Unknown"], rows),
            "Income_Category": rng.choice(["$60K - $80K", "Less than $40K", "Unknown"], rows),
            "Card_Category": rng.choice(["Blue", "Silver"], rows),
            "Months_on_book": rng.normal(36, 8, rows).round().astype(int),
            "Total_Relationship_Count": rng.integers(1, 7, rows),
            "Months_Inactive_12_mon": rng.integers(0, 7, rows),
            "Contacts_Count_12_mon": rng.integers(0, 7, rows),
            "Credit_Limit": limit,
            "Total_Revolving_Bal": rng.integers(0, 2517, rows),
            "Avg_Open_To_Buy": open_.round(1),
            "Total_Amt_Chng_Q4_Q1": rng.gamma(12, 0.06, rows).round(3),
            "Total_Trans_Amt": rng.gamma(2, 2200, rows).round().astype(int),
            "Total_Trans_Ct": rng.normal(65, 20, rows).clip(10).round().astype(int),
            "Avg_Utilization_Ratio": rng.beta(1, 2, rows).round(3),
            "Naive_Bayes_Classifier_Attrition_1": rng.random(rows),
        }
    )
    return Trade(
        table,
        "CLIENTNUM",
        ("Customer_Age", "Months_on_book", "Credit_Limit", "Total_Trans_Amt", "Total_Trans_Ct"),
        ("CLIENTNUM", "Naive_Bayes_Classifier_Attrition_1", "Avg_Open_To_Buy", "Attrition_Flag"),
        value="Total_Trans_Amt",
        outcomes=("Attrition_Flag",),
        categories=("Gender", "Education_Level", "Income_Category", "Card_Category"),
    )


def health_insurer(rows: int = 300) -> Trade:
    """Charges that are the cost of treatment; no key."""
    rng = np.random.default_rng(4)
    table = pd.DataFrame(
        {
            "age": rng.integers(18, 65, rows),
            "sex": rng.choice(["female", "male"], rows),
            "bmi": rng.normal(30, 6, rows).round(2),
            "children": rng.choice([0, 1, 2, 3, 4, 5], rows, p=[0.4, 0.25, 0.2, 0.1, 0.03, 0.02]),
            "smoker": rng.choice(["yes", "no"], rows, p=[0.2, 0.8]),
            "region": rng.choice(["southwest", "southeast", "northwest"], rows),
            "charges": rng.lognormal(9, 0.9, rows).round(4),
        }
    )
    return Trade(
        table, "", ("age", "bmi", "children", "charges"), ("smoker", "sex", "region"),
        categories=("sex", "smoker", "region"),
    )  # fmt: skip


def car_insurer(rows: int = 300) -> Trade:
    """Policies with a lifetime value, a premium and claims; a customer's key in letters."""
    rng = np.random.default_rng(5)
    table = pd.DataFrame(
        {
            "Customer": [f"{chr(65 + n % 26)}{n:05d}" for n in rng.permutation(rows)],
            "State": rng.choice(["Washington", "Arizona", "Nevada"], rows),
            "Customer Lifetime Value": rng.lognormal(8.8, 0.6, rows).round(3),
            "Response": rng.choice(["Yes", "No"], rows, p=[0.15, 0.85]),
            "Coverage": rng.choice(["Basic", "Extended", "Premium"], rows),
            "Effective To Date": _dates(rng, rows, "2011-01-01", 59).dt.strftime("%Y-%m-%d"),
            "Income": np.where(rng.random(rows) < 0.25, 0, rng.integers(10_000, 99_000, rows)),
            "Location Code": rng.choice(["Suburban", "Rural", "Urban"], rows),
            "Monthly Premium Auto": rng.gamma(8, 12, rows).round().astype(int),
            "Months Since Last Claim": rng.integers(0, 36, rows),
            "Months Since Policy Inception": rng.integers(0, 100, rows),
            "Number of Open Complaints": rng.choice([0, 1, 2, 3], rows, p=[0.8, 0.1, 0.06, 0.04]),
            "Number of Policies": rng.integers(1, 10, rows),
            "Total Claim Amount": rng.gamma(2, 200, rows).round(6),
        }
    )
    return Trade(
        table,
        "Customer",
        ("Customer Lifetime Value", "Income", "Monthly Premium Auto", "Total Claim Amount",
         "Months Since Policy Inception", "Number of Policies"),
        ("Customer", "Response", "Location Code"),
        value="Customer Lifetime Value",
        outcomes=("Response",),
        categories=("State", "Coverage", "Location Code"),
        parts={"recency_column": ""},
    )  # fmt: skip


def telephone(rows: int = 400) -> Trade:
    """Minutes, calls and charges by the time of day; area codes; churn as true and false."""
    rng = np.random.default_rng(6)
    day, eve = (
        rng.normal(180, 54, rows).clip(0).round(1),
        rng.normal(200, 50, rows).clip(0).round(1),
    )
    table = pd.DataFrame(
        {
            "state": rng.choice([f"S{n}" for n in range(40)], rows),
            "account length": rng.normal(100, 40, rows).clip(1).round().astype(int),
            "area code": rng.choice([408, 415, 510], rows),
            "phone number": [f"{300 + n % 90}-{n:04d}" for n in rng.permutation(9999)[:rows]],
            "international plan": rng.choice(["yes", "no"], rows, p=[0.1, 0.9]),
            "number vmail messages": np.where(day < 200, 0, rng.integers(10, 50, rows)),
            "total day minutes": day,
            "total day calls": rng.normal(100, 20, rows).round().astype(int),
            "total day charge": (day * 0.17).round(2),
            "total eve minutes": eve,
            "total eve calls": rng.normal(100, 20, rows).round().astype(int),
            "total eve charge": (eve * 0.085).round(2),
            "customer service calls": rng.poisson(1.5, rows),
            "churn": rng.choice(["True", "False"], rows, p=[0.14, 0.86]),
        }
    )  # fmt: skip
    return Trade(
        table,
        "",
        ("account length", "customer service calls", "total day calls"),
        ("area code", "phone number", "churn"),
        value="total_charge",
        outcomes=("churn",),
        categories=("area code", "international plan"),
    )


def hotel_guests(rows: int = 400) -> Trade:
    """Hashes of names, sentinels for those who never came, revenue by kind, wishes as flags."""
    rng = np.random.default_rng(7)
    came = rng.random(rows) < 0.8
    stays = np.where(came, rng.geometric(0.6, rows), 0)
    table = pd.DataFrame(
        {
            "ID": np.arange(1, rows + 1),
            "Nationality": rng.choice(["PRT", "DEU", "FRA", "GBR"], rows),
            "Age": rng.normal(45, 15, rows).clip(18, 90).round(),
            "DaysSinceCreation": rng.integers(1, 1100, rows),
            "NameHash": [f"0x{rng.bytes(16).hex()}" for _ in range(rows)],
            "AverageLeadTime": np.where(came, rng.exponential(60, rows), 0).round().astype(int),
            "LodgingRevenue": np.where(came, rng.gamma(2, 180, rows), 0).round(2),
            "OtherRevenue": np.where(came, rng.gamma(1, 60, rows), 0).round(2),
            "BookingsCheckedIn": stays,
            "RoomNights": stays * rng.integers(1, 5, rows),
            "DaysSinceLastStay": np.where(came, rng.integers(1, 1100, rows), -1),
            "DistributionChannel": rng.choice(["Direct", "Travel Agent", "Corporate"], rows),
            "SRHighFloor": rng.choice([0, 1], rows, p=[0.9, 0.1]),
            "SRTwinBed": rng.choice([0, 1], rows, p=[0.85, 0.15]),
        }
    )
    return Trade(
        table,
        "ID",
        ("Age", "DaysSinceCreation", "BookingsCheckedIn", "total_revenue",
         "DaysSinceLastStay_known"),
        ("ID", "NameHash", "SRHighFloor", "DaysSinceLastStay"),
        value="total_revenue",
        categories=("Nationality", "DistributionChannel", "SRHighFloor", "SRTwinBed"),
        parts={"recency_column": "DaysSinceLastStay_known"},
    )  # fmt: skip


def hotel_bookings(rows: int = 400) -> Trade:
    """Parts of dates, agents as numbers, whether a booking was cancelled; no key."""
    rng = np.random.default_rng(8)
    table = pd.DataFrame(
        {
            "hotel": rng.choice(["Resort Hotel", "City Hotel"], rows),
            "is_canceled": rng.choice([0, 1], rows, p=[0.63, 0.37]),
            "lead_time": rng.exponential(100, rows).round().astype(int),
            "arrival_date_year": rng.choice([2015, 2016, 2017], rows),
            "arrival_date_month": rng.choice(["July", "August", "May"], rows),
            "arrival_date_week_number": rng.integers(1, 54, rows),
            "arrival_date_day_of_month": rng.integers(1, 32, rows),
            "stays_in_weekend_nights": rng.poisson(1, rows),
            "stays_in_week_nights": rng.poisson(2.5, rows),
            "adults": rng.choice([1, 2, 3], rows, p=[0.2, 0.7, 0.1]),
            "meal": rng.choice(["BB", "HB", "SC"], rows),
            "market_segment": rng.choice(["Online TA", "Groups", "Direct"], rows),
            "agent": np.where(rng.random(rows) < 0.15, np.nan, rng.integers(1, 300, rows)),
            "adr": rng.gamma(9, 11, rows).round(2),
            "total_of_special_requests": rng.poisson(0.6, rows),
        }
    )
    return Trade(
        table,
        "",
        ("lead_time", "stays_in_week_nights", "adr"),
        ("arrival_date_year", "arrival_date_week_number", "arrival_date_day_of_month", "agent",
         "is_canceled"),
        outcomes=("is_canceled",),
        categories=("hotel", "meal", "market_segment"),
    )  # fmt: skip


def game(rows: int = 400) -> Trade:
    """Players by UUID, hours and sessions, money spent in the game by few."""
    rng = np.random.default_rng(9)
    table = pd.DataFrame(
        {
            "player_uuid": [str(uuid.UUID(bytes=rng.bytes(16))) for _ in range(rows)],
            "country": rng.choice(["US", "JP", "BR"], rows),
            "platform": rng.choice(["ios", "android"], rows),
            "level": rng.integers(1, 80, rows),
            "sessions_last_30d": rng.poisson(12, rows),
            "avg_session_minutes": rng.gamma(3, 8, rows).round(1),
            "playtime_hours": rng.exponential(50, rows).round(1),
            "iap_spend_usd": rng.choice([0, 1], rows) * rng.lognormal(2, 1.2, rows).round(2),
            "days_since_last_login": rng.exponential(9, rows).round().astype(int),
            "signup_date": _dates(rng, rows, "2023-01-01", 600).dt.strftime("%Y-%m-%d"),
            "converted": rng.choice([0, 1], rows),
        }
    )  # fmt: skip
    return Trade(
        table,
        "player_uuid",
        ("level", "sessions_last_30d", "playtime_hours", "iap_spend_usd", "days_since_last_login",
         "days_since_signup_date"),
        ("player_uuid", "country", "converted"),
        value="iap_spend_usd",
        outcomes=("converted",),
        categories=("country", "platform"),
        parts={"recency_column": "days_since_last_login", "visits_column": "sessions_last_30d"},
    )  # fmt: skip


def survey(rows: int = 300) -> Trade:
    """Answers from 1 to 5, a weight, codes of region and education, a year of birth."""
    rng = np.random.default_rng(10)
    table = pd.DataFrame({"respondent_id": rng.permutation(rows) + 1000})
    for item in range(1, 9):
        table[f"q{item}"] = rng.integers(1, 6, rows)
    table = table.assign(
        birth_year=rng.integers(1940, 2005, rows),
        region=rng.integers(1, 5, rows),
        education=rng.integers(1, 4, rows),
        wt=rng.gamma(8, 0.125, rows).round(4),
        interview_date=_dates(rng, rows, "2024-03-01", 30).dt.strftime("%d.%m.%Y"),
    )
    return Trade(
        table,
        "respondent_id",
        ("q1", "q5", "q8", "age"),
        ("wt", "region", "education", "respondent_id", "birth_year"),
        categories=("region", "education"),
    )


def shop(rows: int = 400) -> Trade:
    """Orders by channel, cash back and hours spent, which are no money earned."""
    rng = np.random.default_rng(11)
    table = pd.DataFrame(
        {
            "CustomerID": np.arange(50_001, 50_001 + rows),
            "Churn": rng.choice([0, 1], rows, p=[0.83, 0.17]),
            "Tenure": rng.exponential(10, rows).round(),
            "PreferredLoginDevice": rng.choice(["Phone", "Computer"], rows),
            "CityTier": rng.choice([1, 2, 3], rows),
            "WarehouseToHome": rng.gamma(4, 4, rows).round(),
            "Gender": rng.choice(["Female", "Male"], rows),
            "HourSpendOnApp": rng.choice([0, 1, 2, 3, 4, 5], rows),
            "NumberOfDeviceRegistered": rng.integers(1, 7, rows),
            "SatisfactionScore": rng.integers(1, 6, rows),
            "NumberOfAddress": rng.geometric(0.3, rows),
            "Complain": rng.choice([0, 1], rows),
            "OrderAmountHikeFromlastYear": rng.normal(15, 4, rows).round(),
            "CouponUsed": rng.poisson(1.7, rows),
            "OrderCount": rng.geometric(0.35, rows),
            "DaySinceLastOrder": rng.exponential(5, rows).round(),
            "CashbackAmount": rng.normal(177, 49, rows).round(2),
        }
    )
    return Trade(
        table,
        "CustomerID",
        ("Tenure", "OrderCount", "DaySinceLastOrder", "HourSpendOnApp", "SatisfactionScore"),
        ("CustomerID", "CityTier", "Churn", "Complain"),
        outcomes=("Churn", "Complain"),
        categories=("CityTier", "Gender", "PreferredLoginDevice"),
        parts={"recency_column": "DaySinceLastOrder"},
    )


def shop_members(rows: int = 300) -> Trade:
    """E-mail and address of a shop's members, time on the site and what they spent in a year."""
    rng = np.random.default_rng(12)
    table = pd.DataFrame(
        {
            "Email": [f"user{n}@example.com" for n in rng.permutation(rows)],
            "Address": [f"{n} Main Street" for n in rng.permutation(rows)],
            "Avg. Session Length": rng.normal(33, 1, rows),
            "Time on App": rng.normal(12, 1, rows),
            "Time on Website": rng.normal(37, 1, rows),
            "Length of Membership": rng.normal(3.5, 1, rows),
            "Yearly Amount Spent": rng.normal(499, 79, rows),
        }
    )
    return Trade(
        table,
        "",
        ("Time on App", "Time on Website", "Length of Membership", "Yearly Amount Spent"),
        ("Email", "Address"),
        value="Yearly Amount Spent",
    )


def german_insurer(rows: int = 300) -> Trade:
    """German: contract number, postcode, premium a year, damages, notice given."""
    rng = np.random.default_rng(13)
    table = pd.DataFrame(
        {
            "lfd_nr": np.arange(1, rows + 1),
            "Versicherungsnehmernummer": rng.permutation(np.arange(4_000_000, 4_000_000 + rows)),
            "Nachname": rng.choice([f"Meier{n}" for n in range(40)], rows),
            "Geburtsdatum": _dates(rng, rows, "1945-01-01", 20_000).dt.strftime("%d.%m.%Y"),
            "PLZ": rng.integers(10_000, 99_999, rows),
            "Geschlecht": rng.choice(["m", "w"], rows),
            "Jahresprämie": rng.gamma(4, 150, rows).round(2),
            "Schadenhöhe": np.where(rng.random(rows) < 0.6, 0, rng.gamma(1, 2500, rows)).round(2),
            "Anzahl_Verträge": rng.geometric(0.5, rows),
            "Vertragsdauer_Jahre": rng.exponential(7, rows).round(),
            "gekündigt": rng.choice(["ja", "nein"], rows, p=[0.1, 0.9]),
        }
    )
    return Trade(
        table,
        "Versicherungsnehmernummer",
        ("Jahresprämie", "Schadenhöhe", "Anzahl_Verträge", "Vertragsdauer_Jahre", "age"),
        ("lfd_nr", "PLZ", "Nachname", "gekündigt"),
        value="Jahresprämie",
        outcomes=("gekündigt",),
        categories=("Geschlecht",),
    )


def spanish_bank(rows: int = 300) -> Trade:
    """Spanish: key, age, income, time with the bank, balance, whether the customer has left."""
    rng = np.random.default_rng(14)
    table = pd.DataFrame(
        {
            "codigo_cliente": rng.permutation(np.arange(100_000, 100_000 + rows)),
            "edad": rng.normal(45, 14, rows).clip(18, 90).round().astype(int),
            "sexo": rng.choice(["H", "V"], rows),
            "ingresos": rng.lognormal(10, 0.5, rows).round(2),
            "antiguedad_meses": rng.integers(0, 200, rows),
            "saldo": rng.normal(3000, 2500, rows).round(2),
            "codigo_postal": rng.integers(1000, 52_000, rows),
            "numero_productos": rng.integers(1, 6, rows),
            "baja": rng.choice(["si", "no"], rows, p=[0.15, 0.85]),
        }
    )
    return Trade(
        table,
        "codigo_cliente",
        ("edad", "ingresos", "antiguedad_meses", "saldo", "numero_productos"),
        ("codigo_cliente", "codigo_postal", "baja"),
        outcomes=("baja",),
        categories=("sexo",),
    )


def turkish_shop(rows: int = 300) -> Trade:
    """Turkish: key, number of orders, total spent, last purchase, age."""
    rng = np.random.default_rng(15)
    table = pd.DataFrame(
        {
            "Müşteri No": rng.permutation(np.arange(7_000_000, 7_000_000 + rows)),
            "Şehir": rng.choice(["İstanbul", "Ankara", "İzmir"], rows),
            "Yaş": rng.normal(38, 11, rows).clip(18, 80).round().astype(int),
            "Sipariş Sayısı": rng.geometric(0.2, rows),
            "Toplam Harcama": rng.lognormal(6, 1, rows).round(2),
            "Son Alışveriş Gün": rng.exponential(60, rows).round().astype(int),
        }
    )
    return Trade(
        table,
        "Müşteri No",
        ("Yaş", "Sipariş Sayısı", "Toplam Harcama", "Son Alışveriş Gün"),
        ("Müşteri No", "Şehir"),
        value="Toplam Harcama",
        categories=("Şehir",),
        parts={"recency_column": "Son Alışveriş Gün"},
    )


def french_retail(rows: int = 300) -> Trade:
    """French: customer number, turnover, orders, date of the last purchase, store."""
    rng = np.random.default_rng(16)
    table = pd.DataFrame(
        {
            "numero_client": rng.permutation(np.arange(30_000, 30_000 + rows)),
            "magasin": rng.integers(1, 9, rows),
            "chiffre_d_affaires": rng.lognormal(5, 1, rows).round(2),
            "nb_commandes": rng.geometric(0.25, rows),
            "date_dernier_achat": _dates(rng, rows, "2024-01-01", 300).dt.strftime("%d/%m/%Y"),
            "date_inscription": _dates(rng, rows, "2018-01-01", 1500).dt.strftime("%d/%m/%Y"),
            "carte_fidelite": rng.choice(["oui", "non"], rows),
        }
    )
    return Trade(
        table,
        "numero_client",
        ("chiffre_d_affaires", "nb_commandes", "days_since_date_dernier_achat",
         "days_since_date_inscription"),
        ("numero_client", "magasin"),
        value="chiffre_d_affaires",
        categories=("carte_fidelite",),
        parts={"recency_column": "days_since_date_dernier_achat"},
    )  # fmt: skip


def loyalty_card(rows: int = 400) -> Trade:
    """Portuguese and Italian names mixed with points; visits, average basket and total sales."""
    rng = np.random.default_rng(17)
    visits = rng.poisson(14, rows) + 1
    basket = rng.gamma(6, 6, rows).round(2)
    table = pd.DataFrame(
        {
            "card_no": rng.permutation(np.arange(880_000_000, 880_000_000 + rows)),
            "home_store": rng.integers(101, 140, rows),
            "visits_12m": visits,
            "avg_basket": basket,
            "total_sales": (visits * basket).round(2),
            "points_balance": rng.exponential(500, rows).round().astype(int),
            "months_as_member": rng.integers(1, 90, rows),
            "discount_pct": rng.uniform(0, 60, rows).round(1),
            "opted_out": rng.choice(["Y", "N"], rows, p=[0.1, 0.9]),
        }
    )
    return Trade(
        table,
        "card_no",
        ("visits_12m", "total_sales", "months_as_member", "discount_pct"),
        ("card_no", "home_store", "opted_out"),
        value="total_sales",
    )


def energy(rows: int = 300) -> Trade:
    """Consumption in kWh, a bill each month, arrears, whether a supplier was changed."""
    rng = np.random.default_rng(18)
    kwh = rng.gamma(5, 600, rows).round()
    table = pd.DataFrame(
        {
            "account_number": rng.permutation(np.arange(60_000_000, 60_000_000 + rows)),
            "postcode": rng.integers(1000, 9999, rows),
            "tariff_code": rng.choice([11, 12, 20, 31], rows),
            "annual_kwh": kwh,
            "monthly_bill": (kwh * 0.025 + rng.normal(0, 3, rows)).clip(1).round(2),
            "arrears": np.where(rng.random(rows) < 0.8, 0, rng.gamma(1, 90, rows)).round(2),
            "n_complaints": rng.poisson(0.5, rows),
            "contract_start_year": rng.integers(2008, 2024, rows),
            "switched": rng.choice([0, 1], rows, p=[0.85, 0.15]),
        }
    )
    return Trade(
        table,
        "account_number",
        ("monthly_bill", "n_complaints", "years_since_contract_start_year"),
        ("account_number", "postcode", "tariff_code", "contract_start_year", "switched"),
        value="monthly_bill",
        categories=("tariff_code",),
    )


TRADES = {
    one.__name__: one
    for one in (
        *(bank_churn, bank_marketing, card_holders, health_insurer, car_insurer, telephone),
        *(hotel_guests, hotel_bookings, game, survey, shop, shop_members, german_insurer),
        *(spanish_bank, turkish_shop, french_retail, loyalty_card, energy),
    )
}
