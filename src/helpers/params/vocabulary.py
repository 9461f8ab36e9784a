"""What column names mean: words of trade in several languages, in one table of data."""

import functools
import re
import unicodedata

CONCEPTS: dict[str, str] = {
    # A stem is a word; with * before or after it, the end or the beginning of one; with +, several
    # words in a row. Lines are English, German, French, Spanish, Portuguese, Italian, Dutch,
    # Turkish, as far as a language has a word of its own.
    "person": """
        customer customers client clients member user account respondent household policy subscriber
        player guest patient passenger buyer shopper visitor donor student employee cardholder
        panelist person contract consumer tenant borrower policyholder insured applicant holder
        msisdn borrower gamer caller merchant cust acct
        kunde kunden* kund mitglied* nutzer* benutzer* konto* befragte* haushalt* vertrag* spieler*
        gast* versicherungsnehmer*
        clientele utilisateur* compte membre* repondant* foyer* contrat* joueur* assure*
        cliente* cuenta usuario* miembro* socio* hogar* contrato* jugador* encuestad* asegurad*
        conta membro* utilizador* jogador* segurado* assinante*
        utente conto contratto giocatore* nucleo
        klant* gebruiker* lid leden huishouden* contractant speler* rekening* relatie
        musteri* kullanici* uye* hesap* oyuncu* abone*
        顧客 会員 客户""",
    "identifier": """
        id ids nr no num number key code uuid guid identifier hash ref reference token pk
        *nummer kennung* *schlussel *kennzeichen *nr
        cle identifiant matricule numero
        clave identificador codigo
        chiave codice identificativo
        sleutel
        kodu numarasi numara kimlik""",
    "row number": """
        row+number row+num row+no row+id row+index rowid rownum row index idx unnamed sno serial
        s+no sr+no serial+no serial+number record+no record+number observation obs
        zeile zeilennummer laufende lfd lfdnr
        ligne fila linha riga rij regel satir sira""",
    "other key": """
        order invoice transaction ticket session receipt booking bill line item basket product sku
        article campaign store shop branch employee agent device cookie document doc payment claim
        rechnung* bestell* auftrag* beleg* artikel* facture* commande* factura* pedido* articulo*
        fatura* fattura* ordine* factuur* bestelling* siparis* urun*""",
    "person's name": """
        surname lastname firstname fullname forename last+name first+name full+name name
        nachname* vorname* familienname name*
        nom prenom
        nombre nombres apellido*
        nome sobrenome
        cognome
        naam voornaam achternaam
        ad adi soyad soyadi isim""",
    "contact": """
        email mail phone telephone tel fax iban ssn passport address street url ip avatar
        mobile+no mobile+number phone+number
        telefon* handynummer adresse* anschrift* strasse* hausnummer steuernummer*
        courriel telephone rue
        correo telefono* direccion calle dni nif nie
        endereco telefone* rua cpf
        indirizzo via codice+fiscale
        adres straat telefoonnummer bsn
        eposta telefonu tckn""",
    "position": "latitude longitude lat lon lng geo geohash coordinates breitengrad langengrad",
    "code": """
        region shop store branch zip zipcode postal postcode post+code country state province city
        town district county channel segment cluster group class type category plan product sku
        department sector industry status code agent agency company broker market area tier bucket
        band gender sex marital education occupation job profession ethnicity race religion
        nationality language housing warehouse brand genre platform os device browser mcc
        naics sic wave stratum psu interviewer batch borough territory zone species tariff
        location site make model colour color
        regions* plz *plz postleitzahl* filiale* filial* land *land bundesland stadt ort kanal*
        gruppe *gruppe klasse *klasse typ *typ art kategorie* tarif* produkt abteilung* branche*
        geschlecht familienstand bildung* ausbildung* beruf* staatsangehor* sprache* marke
        agence magasin pays ville canal groupe classe categorie* produit secteur statut sexe etudes
        metier nationalite langue marque etat+civil
        sucursal* agencia pais ciudad provincia comunidad grupo clase tipo categoria* producto
        estado sexo genero educacion ocupacion profesion nacionalidad idioma marca
        codigo+postal
        cidade regiao municipio produto setor escolaridade profissao loja
        negozio agenzia paese citta regione gruppo classe prodotto settore stato sesso istruzione
        professione lingua
        winkel* filiaal* regio provincie stad gemeente kanaal groep klasse soort categorie geslacht
        opleiding beroep taal merk
        sube magaza ulke sehir bolge ilce kanal grup sinif tur kategori urun sektor durum cinsiyet
        egitim meslek* medeni uyruk dil marka posta""",
    "own result": """
        cluster clusters segment prediction predicted classifier bayes probability logit propensity
        model+score vorhersage prediction* prediccion* previsao predizione voorspelling tahmin""",
    "calendar": """
        year month week day weekday hour quarter minute season
        jahr monat woche wochentag tag stunde quartal
        annee mois semaine jour heure trimestre
        ano mes semana dia hora
        anno mese settimana giorno ora
        maand week dag uur kwartaal jaar
        yil ay hafta gun saat""",
    "weight": """
        weight weights wt wgt pweight fnlwgt finalwgt perwt expansion
        gewicht* gewichtung* hochrechnung*
        poids ponderation ponderacion peso pesos fator+peso ponderazione wegingsfactor weegfactor
        agirlik*""",
    "body": "height bmi bodymass kg pounds lbs groesse grosse taille altura estatura altezza boy",
    "recency": """
        recency days+since since+last inactive inactivity dormant dormancy idle
        recenz rezenz inaktiv* seit+letzt*
        recence inactif inactivite
        recencia inactividad dias+desde
        inatividade
        recenza inattivita
        recentie dagen+sinds sinds+laatste
        yenilik gunden+beri son+gorulme son+alisveris son+siparis""",
    "last": """
        last latest letzte* letzter letztes dernier* derniere* ultimo ultima ultimos ultimas laatste
        son""",
    "since": "since ago seit depuis desde da sinds beri",
    "window": """
        year years month months week weeks quarter quarters mth mths yr yrs 12m 6m 3m 30d 90d ytd
        jahr monat monate mois an annee ano anos mes meses mese mesi anno anni jaar maand maanden
        yil ay""",
    "event": """
        purchase purchases order orders visit login seen activity active transaction booking stay
        play session buy bought interaction use usage trip donation shopping
        kauf* einkauf* bestell* besuch* aktivitat* nutzung buchung*
        achat* commande* visite* connexion
        compra* pedido* visita* acesso
        acquist* ordine* accesso
        aankoop* bestelling* bezoek*
        alisveris* siparis* gorulme ziyaret* giris*""",
    "other event": """
        claim complaint contact call campaign promotion ticket delinquency default accident
        schaden* beschwerde* kontakt* anruf* sinistre* reclam* siniestro* contacto* sinistro*
        contatto* schade* klacht* hasar*""",
    "start": """
        signup registration register registered first creation created joining joined join inception
        opening opened open enrolment enrollment enroll start started begin acquisition onboarding
        installation install customer+since member+since birth dt+customer
        beitritt* eintritt* anmeld* registrier* erst* beginn* eroffn* kunde+seit
        inscription creation adhesion ouverture debut premier* premiere*
        alta registro inscripcion apertura inicio primer* antiguo
        cadastro adesao abertura primeir*
        iscrizione registrazione inizio prim*
        inschrijv* aanmeld* eerste
        kayit uyelik baslangic ilk""",
    "frequency": """
        frequency freq
        frequenz* haufigkeit* haeufigkeit*
        frequence frecuencia frequencia frequenza frequentie siklik sikligi""",
    "orders": """
        order orders purchase purchases transaction transactions trans trx txn txns invoices
        bookings reservations stays trips flights checkins rentals donations buys
        bestellung* bestellanzahl bestell* auftrag* auftrage auftraege kauf kaufe kaeufe einkauf*
        transaktion* buchung* rechnungen
        achats commandes reservations
        compras pedidos reservas transacciones transacoes
        acquisti ordini prenotazioni transazioni
        aankopen bestellingen boekingen transacties
        siparis* alisveris* islem*
        注文 订单""",
    "earned": """
        spend spending spent sales revenue revenues turnover monetary gmv ltv clv arpu mnt profit
        premium premiums lifetime+value purchase+value order+value customer+value monetary+value
        purchases+value orders+value purchase+amount transaction+amount trans+amt purchase+amt
        transaction+amt trans+amount order+amount purchases+amount basket+value
        umsatz* *umsatz ausgab* *ausgaben einnahme* *einnahmen erlos* *erlos pramie* *pramie
        praemie* *praemie kundenwert* bestellwert* warenkorbwert*
        depense* chiffre+d+affaires chiffre+affaires ca+total panier prime primes ventes
        gasto gastos gastado ventas facturacion facturado prima primas
        receita* faturamento vendas valor+gasto valor+compra valor+compras valor+da+compra premio
        spesa spese fatturato vendite ricavi premi
        omzet* uitgave* besteding* premie premies
        harcama* ciro satis satisi satislar satislari prim
        売上 金額 消费 金额 выруч* сумм*""",
    "charged": """
        amount amt charge charges charged bill billed billing fee fees paid payment payments
        subscription+price subscription+fee price+paid
        betrag* *betrag gebuhr* *gebuhr gebuehr* *gebuehr beitrag* *beitrag zahlung*
        montant* cotisation* paye
        importe importes cuota* pagado pagos
        valor+total valor+pago mensalidade*
        importo* canone pagato
        bedrag* betaald contributie*
        tutar* odeme* ucret*""",
    "not earned": """
        cost costs claim claims balance debt owed due limit loan loans mortgage cash+advance advance
        withdrawal withdrawals refund refunds refunded return returns returned discount discounts
        cashback coupon coupons voucher reward rewards tax taxes hike increase decrease change chng
        growth delta ratio rate score index budget target goal forecast hour hours minute minutes
        time days count number trx num n children income salary wage wages arrears overdue
        penalty loss losses deductible shipping freight acquisition potential risk equity assets
        minimum installments credit credits frequency freq
        kosten* schaden* schaeden* saldo kontostand* schuld* kredit* darlehen* hypothek* erstattung*
        retour* rabatt* gutschein* steuer* anzahl* *anzahl einkommen* gehalt* mahn* limit* anteil*
        *anteil stunden* minuten* tage
        cout* sinistre* solde dette* pret credit* remise* remboursement* nombre nb revenu revenus
        salaire* impot* taux
        coste* costo costos siniestro* deuda* prestamo* credito* limite* descuento* reembolso*
        devolucion* cantidad ingreso ingresos sueldo salario* renta impuesto* tasa
        custo custos sinistro* divida* emprestimo* desconto* devolucao* quantidade
        renda imposto* taxa
        sinistri debito* prestito* sconto* rimborso* numero reddito* stipendio tasso
        schade* schuld lening* korting* terugbetaling* aantal* inkomen salaris belasting*
        maliyet* hasar* bakiye* borc* kredi* indirim* iade* sayi* adet gelir* maas* vergi*
        oran orani""",
    "change": """
        hike increase decrease change chng growth delta trend diff difference veranderung wachstum
        evolution croissance cambio crecimiento variacao crescimento variazione crescita
        verandering groei degisim artis""",
    "bank": """
        loan loans credit creditcard mortgage overdraft debt limit card+holder savings
        kredit* darlehen* girokonto* pret prets credit* prestamo* credito* emprestimo* prestito*
        lening* kredi*""",
    "health": """
        bmi smoker smoking diagnosis disease hospital blood glucose cholesterol medical patient
        raucher* krank* diagnose* fumeur maladie fumador fumante enfermedad fumatore roker
        sigara""",
    "money": """
        price prices cost costs claim claims balance debt limit loan mortgage deposit deposits
        savings assets wealth budget salary wage cash advance payment payments cashback discount
        refund margin tax contribution credit+amount bal adr usd eur gbp
        preis* kosten* saldo kontostand* schadenshohe* schadenhohe* schadensumme
        kreditbetrag* vermogen*
        prix cout* solde epargne montant*
        precio* coste* saldo ahorro* importe importes
        preco* custo custos saldo poupanca valor
        prezzo costo saldo risparmi* importo*
        prijs* kosten saldo spaar* bedrag*
        fiyat* maliyet* bakiye* tutar* tasarruf*""",
    "tenure": """
        tenure seniority vintage customer+since member+since months+on+book account+age
        account+length membership+length length+of+membership membership+years months+as+customer
        years+as+customer days+as+customer relationship+length loyalty+years since+inception
        policy+inception policy+age contract+age customer+age+months seniority+months
        kundendauer* vertragsdauer* zugehorigkeit* kunde+seit mitgliedsdauer* vertragsmonate
        anciennete
        antiguedad
        antiguidade
        anzianita
        klantduur* lidmaatschapsduur* klant+sinds looptijd
        kidem* musterilik""",
    "income": """
        income salary wage wages earnings hhincome
        einkommen* *einkommen gehalt* jahresgehalt nettoeinkommen* lohn
        revenu revenus salaire*
        ingreso ingresos renta sueldo salario*
        renda
        reddito* stipendio
        inkomen* *inkomen salaris
        gelir* maas*""",
    "age": """
        age ages alter lebensalter edad idade eta leeftijd yas yasi agegroup
        年齢 年龄 возраст*""",
    "birth": """
        birth birthdate birthday dob yob birthyear born
        geburt* geboren
        naissance nacimiento nascimento nascita geboorte* dogum*""",
    "visits": """
        visit visits session sessions login logins logons pageviews page+views page+view hits opens
        app+opens
        besuch* sitzung* aufrufe anmeldungen
        visite visites connexions
        visita visitas sesiones accesos
        sessoes acessos
        sessioni accessi
        bezoek* sessies
        ziyaret* oturum* giris*""",
    "calls": "call calls anruf* appels llamadas chamadas chiamate gesprekken arama*",
    "count": """
        num number numbers n nb count counts cnt qty quantity
        anzahl* *anzahl stuck* menge
        nombre
        cantidad cant
        quantidade qtd qtde
        numero
        aantal* *aantal
        sayi* adet* miktar*""",
    "children": """
        child children kids kid dependents dependent dependants teen teens babies persons adults
        siblings family+size household+size
        kinder* *kinder personen*
        enfants hijos filhos figli kinderen cocuk*""",
    "percent": """
        percent percentage pct perc prc rate ratio share utilization utilisation
        prozent* anteil* *anteil quote* *quote
        pourcent* taux
        porcent* tasa cuota+de
        porcent* taxa
        percentu* tasso
        aandeel *percentage
        yuzde* oran orani""",
    "score": """
        score rating ratings nps satisfaction satisfied points index likert stars grade level
        bewertung* zufriedenheit* punkte* note
        satisfaction note
        satisfaccion puntuacion nota
        satisfacao pontuacao
        soddisfazione punteggio voto
        tevredenheid* cijfer
        memnuniyet* puan*""",
    "item": "q question item frage pregunta pergunta domanda vraag soru var",
    "outcome": """
        churn churned churner attrition attrited exited exit left leaver quit lost lapsed
        cancelled canceled cancellation cancel
        response responded responder respond reply replied
        default defaulted delinquent bad charged+off
        subscribed subscribe accepted accept acceptedcmp converted conversion convert
        y target label outcome
        complain complained complaint fraud bought purchased clicked click renewed renew renewal
        retained retention success won upgraded unsubscribed optout deposit claim claimed redeemed
        abgewandert* abwander* gekundigt* kundigung* kuendigung* gekuendigt* reagiert* reaktion*
        antwort* ausfall* ausgefallen angenommen* akzeptiert* konver* beschwer* betrug* gekauft
        verlangert
        resilie* resiliation* attrition parti repondu reponse* defaut accepte* converti*
        reclamation* fraude achete
        baja abandono abandon* cancelad* respuesta* respondio impago aceptad* convertid* reclamo*
        cancelamento* cancelou evadiu respondeu resposta* inadimpl* aceito* aceitou convertid*
        fraude
        disdett* abbandon* risposta* insolven* accettat* convertit* reclamo frode
        opzeg* opgezegd vertrokken gereageerd respons* wanbetal* geaccepteerd* geconverteerd klacht
        ayrildi ayrilan terk* kayip yanit* cevap* temerrut* kabul* donus* sikayet*""",
    "leaving": """
        churn churned churner attrition attrited exited exit left leaver quit lost lapsed
        cancelled canceled cancellation cancel unsubscribed optout
        abgewandert* abwander* gekundigt* kundigung* kuendigung* gekuendigt*
        resilie* resiliation* parti baja abandono abandon* cancelad*
        cancelamento* cancelou evadiu disdett* abbandon* opzeg* opgezegd vertrokken
        ayrildi ayrilan terk* kayip""",
    "answering": """
        response responded responder respond reply replied subscribed subscribe accepted accept
        acceptedcmp converted conversion convert bought purchased clicked click redeemed deposit
        reagiert* reaktion* antwort* angenommen* akzeptiert* konver* gekauft
        repondu reponse* accepte* converti* achete respuesta* respondio aceptad* convertid*
        respondeu resposta* aceito* aceitou risposta* accettat* convertit*
        gereageerd respons* geaccepteerd* geconverteerd yanit* cevap* kabul* donus*""",
    "losing": """
        default defaulted delinquent delinquency bad charged+off fraud arrears overdue late claim
        claims debt
        schaden* schaeden* ausfall* ausgefallen mahn* schuld* betrug*
        sinistre* impaye* dette* defaut fraude siniestro* impago deuda* morosidad
        sinistro* inadimpl* divida* sinistri insolven* debito* frode
        schade* wanbetal* schuld* hasar* temerrut* borc*""",
    "breadth": """
        products services policies licences licenses seats modules lines subscriptions devices
        relationship+count
        produkte vertrage vertraege lizenzen produits contrats licences produtos contratos servicos
        productos servicios polizas prodotti servizi polizze producten diensten polissen
        urunler urun+sayisi policeler""",
    "channel": """
        web website online internet store shop catalog catalogue mail phone app mobile branch
        offline instore retail
        filiale* laden katalog telefon*
        magasin boutique telephone
        tienda catalogo
        loja
        negozio
        winkel* webshop
        magaza*""",
    "total": "total overall sum gesamt* *gesamt gesamt totale insgesamt toplam totaal all lifetime",
    "average": """
        avg average mean median per durchschnitt* mittel* moyen* moyenne promedio media medio
        gemiddeld* ortalama""",
}
"""What a column name can speak of, and the stems by which it does."""

UNITS_OF_TIME: dict[str, str] = {
    "days": "day days dayssince tage *tage jours dias giorni dagen gun gunler",
    "weeks": "week weeks wochen semaines semanas settimane weken hafta",
    "months": "month months mths monate *monate mois meses mesi maanden aylar",
    "years": "year years yrs jahre *jahre ans annees anos anni jaren yil",
    "hours": "hour hours hrs stunden *stunden heures horas ore uren saat",
    "minutes": "minute minutes mins minuten *minuten minuti minutos dakika",
}
"""Units of time by the words that name them, the plural last of all in meaning."""

GLUE = (
    "of in is has had the and to for from on at by per cr home est estimated active avg max min "
    "last first monthly yearly annual daily weekly web mail product products service services "
    "number deal deals credit card score day month year open total mean std"
)

TRUE_FALSE: tuple[tuple[str, str], ...] = (
    ("yes", "no"),
    ("y", "n"),
    ("true", "false"),
    ("t", "f"),
    ("1", "0"),
    ("ja", "nein"),
    ("j", "n"),
    ("oui", "non"),
    ("o", "n"),
    ("vrai", "faux"),
    ("si", "no"),
    ("s", "n"),
    ("verdadero", "falso"),
    ("sim", "nao"),
    ("verdadeiro", "falso"),
    ("vero", "falso"),
    ("ja", "nee"),
    ("waar", "onwaar"),
    ("evet", "hayir"),
    ("e", "h"),
    ("dogru", "yanlis"),
    ("on", "off"),
    ("wahr", "falsch"),
    ("yes", "never"),
    ("да", "нет"),
)
"""Words for true and false, folded as `fold` does."""


def fold(text: str) -> str:
    """
    Fold case and accents.

    Examples
    --------
    >>> fold("Müşteri Straße"), fold("Idade é")
    ('musteri strasse', 'idade e')
    """
    plain = text.replace("ı", "i").replace("ø", "o").replace("æ", "ae").casefold()
    apart = unicodedata.normalize("NFKD", plain)
    return "".join(one for one in apart if not unicodedata.combining(one))


@functools.cache
def _pattern(stems: str) -> tuple[re.Pattern[str], tuple[str, ...]]:
    """A pattern over the words of a name, and those stems that have no blanks around them."""
    parts, inside = [], []
    for stem in fold(stems).split():
        if re.search(r"[\u3040-\u9fff]", stem):
            inside.append(stem)
            continue
        words = [re.escape(word).replace(r"\*", r"[^ ]*") for word in stem.split("+")]
        parts.append(" ".join(words))
    return re.compile(rf"(?<= )(?:{'|'.join(parts)})(?= )"), tuple(inside)


@functools.cache
def _lexicon() -> frozenset[str]:
    words = set(GLUE.split())
    for stems in (*CONCEPTS.values(), *UNITS_OF_TIME.values()):
        for stem in fold(stems).split():
            if "*" not in stem:
                words |= set(stem.split("+"))
    return frozenset(word for word in words if len(word) > 1 and word.isascii())


@functools.cache
def words_of(name: str) -> tuple[str, ...]:
    """
    Take a column name apart into words, folded.

    Parameters
    ----------
    name : str
        As the file has it.

    Returns
    -------
    tuple of str
        Parted at blanks, marks, capitals and digits; a word that is several known ones in a row
        is parted between these.

    Examples
    --------
    >>> words_of("NumWebPurchases"), words_of("customerid"), words_of("Son Görülme %")
    (('num', 'web', 'purchases'), ('customer', 'id'), ('son', 'gorulme', 'percent'))
    """
    text = re.sub(r"(?<=[a-zà-ÿ0-9])(?=[A-ZÀ-Þ])|(?<=[A-Z])(?=[A-Z][a-z])", " ", name)
    text = fold(text.replace("%", " percent "))
    found: list[str] = []
    for word in re.findall(r"[^\W\d_]+|\d+", text):
        found += _taken_apart(word)
    return tuple(found)


def _taken_apart(word: str) -> list[str]:
    """Part a word that is several known ones in a row, in as few as can be; else keep it."""
    if len(word) < 5 or word in _lexicon() or not word.isascii():
        return [word]
    best: list[list[str] | None] = [[]] + [None] * len(word)
    for end in range(2, len(word) + 1):
        for start in range(max(0, end - 16), end - 1):
            before = best[start]
            if before is None or word[start:end] not in _lexicon():
                continue
            now = best[end]
            if now is None or len(before) + 1 < len(now):
                best[end] = [*before, word[start:end]]
    whole = best[-1]
    return whole if whole else [word]


@functools.cache
def says(name: str, concept: str) -> tuple[str, ...]:
    """
    The words by which a column name speaks of something.

    Parameters
    ----------
    name : str
        A column name.
    concept : str
        A key of `CONCEPTS` or of `UNITS_OF_TIME`.

    Returns
    -------
    tuple of str
        Empty where it does not.

    Examples
    --------
    >>> says("Gesamtumsatz", "earned"), says("Kundennummer", "identifier"), says("age", "earned")
    (('gesamtumsatz',), ('kundennummer',), ())
    """
    stems = CONCEPTS.get(concept) or UNITS_OF_TIME[concept]
    pattern, inside = _pattern(stems)
    found = pattern.findall(f" {' '.join(words_of(name))} ")
    return (*found, *(one for one in inside if one in name))
