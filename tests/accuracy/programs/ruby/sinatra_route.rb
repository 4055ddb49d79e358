#: type: ZeroDivisionError
#: message: divided by 0
#: frames: main ... route share slash
#: run: {"3.1": "RACK_ENV=development ruby {dir}/{file} 2>&1 | sed '/^200/d'"}
require "sinatra/base"
require "rack/mock"

class Shop < Sinatra::Base
  set :show_exceptions, false
  set :raise_errors, false
  set :dump_errors, true

  helpers do
    def share(total, parts)
      total / parts #@ share share; slash /
    end
  end

  get "/share/:parts" do
    share(12, params[:parts].to_i).to_s #@ route block in <class:Shop>
  end
end

response = Rack::MockRequest.new(Shop).get("/share/0", "rack.errors" => $stderr) #@ main <main>
puts response.status
