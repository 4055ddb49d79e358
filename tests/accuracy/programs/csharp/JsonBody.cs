//: build: "cp /usr/lib/mono/gac/Newtonsoft.Json/*/*.dll . 2>/dev/null || cp /usr/lib/cli/Newtonsoft.Json-5.0/Newtonsoft.Json.dll . ; mcs -nologo -debug -r:Newtonsoft.Json.dll -out:app.exe {file}"
//: run: {mono: "mono --debug app.exe"}
//: chain:
//: - {type: System.ArgumentException, message: "quantity must be positive, not -1", frames: ... setter}
//: - {type: Newtonsoft.Json.JsonSerializationException, message: "Error setting value to 'Quantity' on 'Shop.Order'.", frames: main read ...}
//: note: mono gives a conditional throw the place where the next statement would be
using System;
using Newtonsoft.Json;

namespace Shop
{
    public class Order
    {
        int quantity;

        public int Quantity
        {
            get { return quantity; }
            set
            {
                if (value < 1) throw new ArgumentException("quantity must be positive, not " + value);
                quantity = value;
            } //@ setter Shop.Order.set_Quantity
        }
    }

    public static class Program
    {
        static Order Read(string body)
        {
            return JsonConvert.DeserializeObject<Order>(body); //@ read Shop.Program.Read
        }

        public static void Main()
        {
            Read("{\"Quantity\": -1}"); //@ main Shop.Program.Main
        }
    }
}
