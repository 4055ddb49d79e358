//: type: WährungsFehler
//: message: "Währung „złoty“ → 💥 unbekannt"
//: frames: "... main preis"
class WährungsFehler extends Error {
  name = "WährungsFehler";
}

const größe = {
  preis(währung) {
    throw new WährungsFehler(`Währung „${währung}“ → 💥 unbekannt`); //@ preis Object.preis
  },
};

größe.preis("złoty"); //@ main Object.<anonymous>
