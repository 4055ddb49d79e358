//: type: System.DivideByZeroException
//: message: Attempted to divide by zero.
//: frames: main shares ... lambda
//: frames@net: main shares ... closure
using System;
using System.Collections.Generic;
using System.Linq;

namespace Shop
{
    public static class Program
    {
        static List<int> Shares(int total, IEnumerable<int> parts)
        {
            return parts.Where(p => p >= 0).Select(p => total / p).ToList(); //@ shares Shop.Program.Shares; lambda Shop.Program+<Shares>c__AnonStorey0.<>m__0; closure Shop.Program.<Shares>c__AnonStorey0.<>m__0
        }

        public static void Main()
        {
            Shares(12, new[] { 4, 0 }); //@ main Shop.Program.Main
        }
    }
}
