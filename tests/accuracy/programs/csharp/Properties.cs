//: type: System.InvalidCastException
//: message: Specified cast is not valid.
//: message@net: Unable to cast object of type 'System.String' to type 'System.Int32'.
//: frames: main ctor setter getter
using System;

namespace Shop
{
    public class Invoice
    {
        readonly object amount = "three";
        int total;

        public Invoice()
        {
            Total = 1; //@ ctor Shop.Invoice..ctor
        }

        int Amount
        {
            get { return (int)amount; } //@ getter Shop.Invoice.get_Amount
        }

        int Total
        {
            set { total = value * Amount; } //@ setter Shop.Invoice.set_Total
        }
    }

    public static class Program
    {
        public static void Main()
        {
            Console.WriteLine(new Invoice()); //@ main Shop.Program.Main
        }
    }
}
