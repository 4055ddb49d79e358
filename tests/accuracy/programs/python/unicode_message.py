#: type: UnbekannteWährung
#: message: "Währung „złoty“ ist unbekannt → 💥"
#: frames: main preis
class UnbekannteWährung(Exception):
    pass


def preis_größe(währung):
    raise UnbekannteWährung(f"Währung „{währung}“ ist unbekannt → 💥")  #@ preis preis_größe


preis_größe("złoty")  #@ main <module>
