//: chain:
//: - {type: System.FormatException, message: Input string was not in a correct format., frames: port ...}
//: - {type: Shop.ConfigException, message: "port is not a number: 80a", frames: start port2}
//: - {type: System.InvalidOperationException, message: cannot start shop, frames: main start2}
using System;

namespace Shop
{
    public class ConfigException : Exception
    {
        public ConfigException(string message, Exception inner) : base(message, inner) { }
    }

    public static class Program
    {
        static int Port(string value)
        {
            try
            {
                return int.Parse(value); //@ port Shop.Program.Port
            }
            catch (FormatException e)
            {
                throw new ConfigException("port is not a number: " + value, e); //@ port2 Shop.Program.Port
            }
        }

        static void Start()
        {
            try
            {
                Port("80a"); //@ start Shop.Program.Start
            }
            catch (ConfigException e)
            {
                throw new InvalidOperationException("cannot start shop", e); //@ start2 Shop.Program.Start
            }
        }

        public static void Main()
        {
            Start(); //@ main Shop.Program.Main
        }
    }
}
