//: type: System.Collections.Generic.KeyNotFoundException
//: message: The given key 'B-2' was not present in the dictionary.
//: frames: main find ...
//: frames@net: main found ...
using System;
using System.Collections.Generic;

namespace Shop
{
    public class Repository<TKey, TItem>
    {
        readonly Dictionary<TKey, TItem> items = new Dictionary<TKey, TItem>();

        public TItem Find<TContext>(TKey key, TContext context)
        {
            return items[key]; //@ find Shop.Repository`2[TKey,TItem].Find[TContext]; found Shop.Repository`2.Find[TContext]
        }
    }

    public static class Program
    {
        public static void Main()
        {
            Console.WriteLine(new Repository<string, int>().Find("B-2", 3.0)); //@ main Shop.Program.Main
        }
    }
}
