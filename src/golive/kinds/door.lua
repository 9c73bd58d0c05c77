-- A front door that follows the register: requests are held while it says so, then go to the side that serves.
-- Written by golive. The lines above say NAME, TAG, HOST, PORT, PATIENCE (seconds), BEGIN (a file), KEY, OLD and NEW (backends).

-- SHA-256 and HMAC: the register's answers are believed only when they are signed (FIPS 180-4, RFC 2104).
local k = {
    0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5, 0x3956c25b, 0x59f111f1, 0x923f82a4, 0xab1c5ed5,
    0xd807aa98, 0x12835b01, 0x243185be, 0x550c7dc3, 0x72be5d74, 0x80deb1fe, 0x9bdc06a7, 0xc19bf174,
    0xe49b69c1, 0xefbe4786, 0x0fc19dc6, 0x240ca1cc, 0x2de92c6f, 0x4a7484aa, 0x5cb0a9dc, 0x76f988da,
    0x983e5152, 0xa831c66d, 0xb00327c8, 0xbf597fc7, 0xc6e00bf3, 0xd5a79147, 0x06ca6351, 0x14292967,
    0x27b70a85, 0x2e1b2138, 0x4d2c6dfc, 0x53380d13, 0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85,
    0xa2bfe8a1, 0xa81a664b, 0xc24b8b70, 0xc76c51a3, 0xd192e819, 0xd6990624, 0xf40e3585, 0x106aa070,
    0x19a4c116, 0x1e376c08, 0x2748774c, 0x34b0bcb5, 0x391c0cb3, 0x4ed8aa4a, 0x5b9cca4f, 0x682e6ff3,
    0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208, 0x90befffa, 0xa4506ceb, 0xbef9a3f7, 0xc67178f2,
}
local first = {0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a, 0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19}

local function turned(x, n) return ((x >> n) | (x << (32 - n))) & 0xffffffff end

local function sha256(text)
    local bits = #text * 8
    text = text .. "\128" .. string.rep("\0", (55 - #text) % 64) .. string.pack(">I8", bits)
    local h = {table.unpack(first)}
    for at = 1, #text, 64 do
        local w = {string.unpack(">" .. string.rep("I4", 16), text, at)}
        for i = 17, 64 do
            local x, y = w[i - 15], w[i - 2]
            local s0 = turned(x, 7) ~ turned(x, 18) ~ (x >> 3)
            local s1 = turned(y, 17) ~ turned(y, 19) ~ (y >> 10)
            w[i] = (w[i - 16] + s0 + w[i - 7] + s1) & 0xffffffff
        end
        local a, b, c, d, e, f, g, l = table.unpack(h)
        for i = 1, 64 do
            local s1 = turned(e, 6) ~ turned(e, 11) ~ turned(e, 25)
            local t1 = l + s1 + ((e & f) ~ (~e & g)) + k[i] + w[i]
            local s0 = turned(a, 2) ~ turned(a, 13) ~ turned(a, 22)
            local t2 = s0 + ((a & b) ~ (a & c) ~ (b & c))
            l, g, f, e, d, c, b, a = g, f, e, (d + t1) & 0xffffffff, c, b, a, (t1 + t2) & 0xffffffff
        end
        local new = {a, b, c, d, e, f, g, l}
        for i = 1, 8 do h[i] = (h[i] + new[i]) & 0xffffffff end
    end
    return string.pack(">I4I4I4I4I4I4I4I4", table.unpack(h))
end

local inner, outer = {}, {}
for i = 1, 64 do
    local byte = KEY:byte(i) or 0
    inner[i], outer[i] = string.char(byte ~ 0x36), string.char(byte ~ 0x5c)
end
inner, outer = table.concat(inner), table.concat(outer)

local function mac(text)
    return (sha256(outer .. sha256(inner .. text)):gsub(".", function(c) return string.format("%02x", c:byte()) end))
end

-- Read while the configuration is: as root, before the chroot.
local function line_of(path)
    local file = io.open(path, "rb")
    if not file then return nil end
    local text = file:read(path == "/dev/urandom" and 8 or "l")
    file:close()
    return text
end

local begins = line_of(BEGIN)
local answer, number = "hold", -1 -- "ask": it holds until the register has said who serves
if begins == "old" or begins == "new" then answer = begins end
local worker = NAME .. "/" .. line_of("/dev/urandom"):gsub(".", function(c) return string.format("%02x", c:byte()) end)
local asked = 0

local function under_way()
    local count = 0
    for _, name in ipairs({OLD, NEW}) do
        local backend = core.backends[name]
        if backend then count = count + backend:get_stats().scur end
    end
    return count
end

-- Asks once over an open connection. Returns nothing when there was no believable answer.
local function ask(tcp)
    asked = asked + 1
    local nonce = tostring(asked)
    local said = table.concat({worker, nonce, answer, tostring(number), tostring(under_way())}, " ")
    if not tcp:send(said .. " " .. mac(said) .. "\n") then return end
    local line = tcp:receive("*l")
    if not line then return end
    local word, count, signed = line:match("^(%l+) (%d+) (%x+)$")
    if not word or signed ~= mac(nonce .. " " .. word .. " " .. count) then return end
    return word, math.tointeger(tonumber(count))
end

-- Seconds that an answer took. About one in ten thousand does not wake its reader until the time of the socket is over
-- (seen with HAProxy 2.6.12), and users behind a fence would wait for as long: so it is a short time.
local took = 0.01

local function now()
    local at = core.now()
    return at.sec + at.usec / 1e6
end

local function asked_in_time(tcp)
    local began = now()
    tcp:settimeout(math.min(1, math.max(0.1, took * 10)))
    local word, count = ask(tcp)
    took = word and now() - began or math.min(0.1, took * 2 + 0.01)
    return word, count
end

local function connected()
    local tcp = core.tcp()
    tcp:settimeout(1)
    if tcp:connect(HOST, PORT) then return tcp end
    tcp:close()
end

core.register_task(function()
    local tcp
    while true do
        local new = not tcp
        if new then tcp = connected() end
        local word, count
        if tcp then word, count = asked_in_time(tcp) end
        if word and count >= number then
            answer, number = word, count
            core.msleep(answer == "hold" and 4 or 15)
        else
            -- Cut off: what holds goes on holding, what serves goes on serving.
            if tcp then tcp:close() end
            tcp = nil
            if new then core.msleep(100) end
        end
    end
end)

core.register_action("golive_" .. TAG, {"http-req"}, function(txn)
    local deadline = core.now().sec + PATIENCE
    while answer == "hold" do
        if core.now().sec > deadline then
            txn:set_var("txn.golive", "refuse")
            return
        end
        core.msleep(4)
    end
    txn:set_var("txn.golive", answer)
end, 0)
