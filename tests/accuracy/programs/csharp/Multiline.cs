//: type: Shop.InvalidOrder
//: message: |-
//:   2 problems:
//:      at line 1: price is missing
//:      at line 3: quantity is "many"
//: frames: main check
using System;

namespace Shop
{
    public class InvalidOrder : Exception
    {
        public InvalidOrder(params string[] problems) : base(problems.Length + " problems:\n   " + string.Join("\n   ", problems)) { }
    }

    public static class Program
    {
        static void Check()
        {
            throw new InvalidOrder("at line 1: price is missing", "at line 3: quantity is \"many\""); //@ check Shop.Program.Check
        }

        public static void Main()
        {
            Check(); //@ main Shop.Program.Main
        }
    }
}
