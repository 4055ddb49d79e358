//: type: Shop.RefundException
//: message: ""
//: frames: main refund
using System;

namespace Shop
{
    public class RefundException : Exception
    {
        public override string Message { get { return ""; } }
    }

    public static class Program
    {
        static void Refund()
        {
            throw new RefundException(); //@ refund Shop.Program.Refund
        }

        public static void Main()
        {
            Refund(); //@ main Shop.Program.Main
        }
    }
}
