//: type: System.NullReferenceException
//: message: Object reference not set to an instance of an object
//: message@net: Object reference not set to an instance of an object.
//: frames: main total line
using System;
using System.Collections.Generic;

namespace Shop
{
    public class Product { public int Price; }

    public class Line
    {
        public Product Product;
        public int Quantity;

        public int Total()
        {
            return Product.Price * Quantity; //@ line Shop.Line.Total
        }
    }

    public static class Checkout
    {
        static int Total(List<Line> lines)
        {
            var sum = 0;
            foreach (var line in lines)
            {
                sum += line.Total(); //@ total Shop.Checkout.Total
            }
            return sum;
        }

        public static void Main()
        {
            Console.WriteLine(Total(new List<Line> { new Line { Quantity = 2 } })); //@ main Shop.Checkout.Main
        }
    }
}
