//: type: Währung.Unbekannt
//: message: "Währung „złoty“ → 💥"
//: frames: main größe
using System;

namespace Währung
{
    public class Unbekannt : Exception
    {
        public Unbekannt(string message) : base(message) { }
    }

    public static class Programm
    {
        static void Größe(string name)
        {
            throw new Unbekannt("Währung „" + name + "“ → 💥"); //@ größe Währung.Programm.Größe
        }

        public static void Main()
        {
            Größe("złoty"); //@ main Währung.Programm.Main
        }
    }
}
