//: type: System.IO.DirectoryNotFoundException
//: message: Could not find a part of the path "/srv/data/rates.json".
//: message@net: Could not find a part of the path '/srv/data/rates.json'.
//: frames: load ...
using System;
using System.IO;

namespace Shop
{
    public static class Program
    {
        static string Load(string name)
        {
            try
            {
                return File.ReadAllText("/srv/data/" + name + ".json"); //@ load Shop.Program.Load
            }
            catch (IOException e)
            {
                Console.Error.WriteLine("fail: Shop.Program[0]");
                Console.Error.WriteLine("      rates were not loaded");
                Console.Error.WriteLine(e);
                return "";
            }
        }

        public static void Main()
        {
            Load("rates");
        }
    }
}
