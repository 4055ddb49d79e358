#: type: Währung::Unbekannt
#: message: "Währung „złoty“ → 💥"
#: frames: main größe
module Währung
  class Unbekannt < StandardError; end

  def self.größe(name)
    raise Unbekannt, "Währung „#{name}“ → 💥" #@ größe größe
  end
end

Währung.größe("złoty") #@ main <main>
