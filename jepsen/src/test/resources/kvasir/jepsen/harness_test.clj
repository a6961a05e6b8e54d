(ns kvasir.jepsen.harness-test
  "The harness itself: generators, the interpreter and its journal, the connection, the table of errors, the store."
  (:require [clojure.java.io :as io]
            [clojure.string :as string]
            [clojure.test :refer [deftest is testing]]
            [kvasir.jepsen.checker.register :as register]
            [kvasir.jepsen.client :as client]
            [kvasir.jepsen.errors :as errors]
            [kvasir.jepsen.generator :as generator]
            [kvasir.jepsen.history :as history]
            [kvasir.jepsen.independent :as independent]
            [kvasir.jepsen.interpreter :as interpreter]
            [kvasir.jepsen.main :as main]
            [kvasir.jepsen.nemesis :as nemesis]
            [kvasir.jepsen.plot :as plot]
            [kvasir.jepsen.random :as random]
            [kvasir.jepsen.resp :as resp]
            [kvasir.jepsen.store :as store])
  (:import (java.io BufferedReader File InputStreamReader)
           (java.net ServerSocket)
           (java.nio.file Files)
           (java.nio.file.attribute FileAttribute)))

;; --- Generators ---

(defn- all-ops
  "What a generator gives when each operation takes a millisecond and there are two clients."
  [gen operations-max]
  (binding [random/*random* (java.util.Random. 1)]
    (loop [gen gen
           ctx {:time 0 :threads [0 1 :nemesis] :free #{0 1 :nemesis} :workers {0 0, 1 1, :nemesis :nemesis}}
           given []]
      (let [[op next-gen :as got] (generator/op gen {} ctx)]
        (cond (or (nil? got) (= operations-max (count given))) given
              (= :pending op) (recur next-gen (update ctx :time + 1000000) given)
              :else (let [ctx (update ctx :time #(max (:time op) (+ 1000000 %)))
                          gen (generator/update next-gen {} ctx op)
                          gen (generator/update gen {} ctx (assoc op :type :ok))]
                      (recur gen ctx (conj given op))))))))

(deftest a-map-is-done-once-and-a-sequence-in-order
  (is (= [:a] (map :f (all-ops {:f :a} 10))))
  (is (= [:a :b] (map :f (all-ops [{:f :a} {:f :b}] 10))))
  (is (= [:a :a :a] (map :f (all-ops (fn [] {:f :a}) 3))))
  (is (= [:a :a] (map :f (all-ops (generator/limit 2 (generator/repeat {:f :a})) 10)))))

(deftest clients-and-nemesis-do-their-own
  (let [ops (all-ops (generator/clients (generator/limit 20 (fn [] {:f :c}))
                                        (generator/limit 20 (fn [] {:f :n :type :info}))) 100)]
    (is (= 40 (count ops)))
    (is (every? #(= (= :n (:f %)) (= :nemesis (:process %))) ops))))

(deftest a-time-limit-ends
  (let [ops (all-ops (generator/time-limit 0.05 (fn [] {:f :a})) 1000)]
    (is (< 20 (count ops) 60))))

(deftest staggered-operations-are-apart
  (let [ops (all-ops (generator/stagger 0.1 (generator/limit 200 (fn [] {:f :a}))) 1000)
        seconds (/ (:time (peek ops)) 1e9)]
    (is (< 15 seconds 25))))

(deftest phases-follow-each-other-and-each-thread-has-its-own
  (is (= [:a :b :b :b] (map :f (all-ops (generator/phases {:f :a} (generator/each-thread {:f :b})) 10))))
  (is (= [:kill :start :kill] (map :f (all-ops (generator/flip-flop (fn [] {:f :kill}) (fn [] {:f :start})) 3))))
  (is (= [:a] (map :f (all-ops (generator/until-ok (generator/repeat {:f :a})) 10)))))

(deftest keys-follow-each-other
  (let [five (fn [_] (generator/limit 5 (fn [] {:f :a :value 1})))
        ops (all-ops (generator/limit 40 (independent/concurrent 2 five)) 100)
        by-key (frequencies (map (comp key :value) ops))]
    (is (= 40 (count ops)))
    (is (every? #(<= % 5) (vals by-key)))
    (is (< 6 (count by-key)))))

;; --- Interpreter ---

(defn- temporary ^File []
  (.toFile (Files/createTempDirectory "kvasir-jepsen" (into-array FileAttribute []))))

(defn- delete-all [^File file]
  (run! delete-all (.listFiles file))
  (.delete file))

(defrecord AtomClient [register journal crash-every calls]
  client/Client
  (open! [this _ _] this)
  (close! [_ _] nil)
  (setup! [_ _] nil)
  (teardown! [_ _] nil)
  (invoke! [_ _ {:keys [f value] :as op}]
    (when-not (some #(and (= :invoke (:type %)) (= (:index op) (:index %))) (locking journal (vec (:ops journal))))
      (throw (AssertionError. "called before it was journalled")))
    (let [n (swap! calls inc)]
      (cond
        (zero? (mod n crash-every)) (throw (ex-info "crashed" {}))
        (= :read f) (assoc op :type :ok :value @register)
        :else (do (reset! register value) (assoc op :type :ok))))))

(deftest what-is-done-is-journalled-in-the-order-of-real-time
  (let [directory (temporary)
        test {:directory directory :nodes ["n1" "n2"] :concurrency 4 :seed 1
              :nemesis (reify nemesis/Nemesis
                         (setup! [this _] this)
                         (invoke! [_ _ op] (assoc op :value :done))
                         (teardown! [_ _] nil))
              :generator (generator/clients
                          (generator/limit 400 (fn [] (if (zero? (random/long-below 2))
                                                        {:f :read :value nil}
                                                        {:f :write :value (random/long-below 100)})))
                          (generator/limit 3 (fn [] {:f :fault :type :info :value nil})))}
        journal (store/journal test)
        test (assoc test :journal journal :client (->AtomClient (atom nil) journal 50 (atom 0)))]
    (binding [random/*random* (java.util.Random. 1)
              store/*log* (io/writer (io/file directory "log"))
              *out* (java.io.StringWriter.)]
      (let [history (interpreter/run! test)
            _ (store/close! journal)
            on-disk (history/read-file (io/file directory "history.edn"))
            crashed (filter #(and (integer? (:process %)) (= :info (:type %))) history)]
        (is (= 400 (count (filter #(= :invoke (:type %)) history))))
        (is (= (range (count history)) (map :index history)))
        (is (apply <= (map :time history)))
        (is (= 6 (count (filter #(= :nemesis (:process %)) history))))
        (is (= history on-disk) "what is on disk is what is checked")
        (is (<= 4 (count crashed)))
        (testing "a process whose operation crashed never comes back"
          (doseq [op crashed]
            (is (not-any? #(and (= (:process op) (:process %)) (> (:index %) (:index op))) history))))
        (is (every? (comp some? second) (history/pairs history)))
        (is (true? (:valid? (register/check-history history))))
        (testing "pictures can be drawn of it"
          (plot/draw! (assoc test :perf [{:name "fault" :start #{:fault} :stop #{} :color "red"}]) history)
          (doseq [name ["latency.svg" "rate.svg" "timeline.svg"]]
            (is (string/starts-with? (slurp (io/file directory name)) "<svg"))))))
    (delete-all directory)))

;; --- Connection and errors ---

(defn- with-server
  "Calls (f port) while a server answers a connection with these bytes after its first line, waits, and then ends it."
  [^String answer linger-millis f]
  (with-open [server (ServerSocket. 0)]
    (let [serving (future (with-open [socket (.accept server)]
                            (.readLine (BufferedReader. (InputStreamReader. (.getInputStream socket))))
                            (.write (.getOutputStream socket) (.getBytes answer "UTF-8"))
                            (.flush (.getOutputStream socket))
                            (Thread/sleep (long linger-millis))))]
      (try (f (.getLocalPort server)) (finally (future-cancel serving))))))

(deftest replies-are-read
  (with-server "*5\r\n+OK\r\n:-7\r\n$3\r\nabc\r\n$-1\r\n*2\r\n*0\r\n-WRONGTYPE no\r\n" 50
    (fn [port]
      (let [reply (resp/call (resp/connect "127.0.0.1" port 30000) "PING")]
        (is (= ["OK" -7 "abc" nil] (subvec reply 0 4)))
        (is (= [] (get-in reply [4 0])))
        (is (resp/failure? (get-in reply [4 1])))))))

(defn- outcome [answer millis op]
  (with-server answer (if (= 20 millis) 60000 50)
    (fn [port]
      (let [connection (resp/connect "127.0.0.1" port millis)]
        (errors/with-outcome op
          (errors/checked (resp/call connection "PING"))
          (assoc op :type :ok))))))

(deftest a-definite-error-fails-and-all-else-is-undetermined
  (is (= :ok (:type (outcome "+PONG\r\n" 30000 {:f :write}))))
  (is (= :fail (:type (outcome "-TRYAGAIN a key is locked, the command had no effect\r\n" 30000 {:f :write}))))
  (is (= :info (:type (outcome "-UNDETERMINED the write may or may not have taken effect\r\n" 30000 {:f :write}))))
  (is (= :fail (:type (outcome "-UNDETERMINED no answer\r\n" 30000 {:f :read :read-only? true}))))
  (let [why (juxt :type (comp first :error))]
    (is (= [:info :unlisted] (why (outcome "-NEVERHEARD of it\r\n" 30000 {:f :write}))))
    (is (= [:info :connection-lost] (why (outcome "" 30000 {:f :write}))))
    (is (= [:info :connection-lost] (why (outcome "$10\r\nabc" 30000 {:f :write}))) "in mid-reply")
    (is (= [:info :timeout] (why (outcome "" 20 {:f :write}))))))

(deftest a-connection-that-failed-stays-closed
  (with-server "" 60000
    (fn [port]
      (let [connection (resp/connect "127.0.0.1" port 20)]
        (is (thrown? java.io.IOException (resp/call connection "SET" "x" "1")))
        (is (thrown? java.io.IOException (resp/call connection "SET" "x" "1")))))))

;; --- Faults and the command ---

(deftest a-fault-counts-with-evidence-alone
  (is (= {:kill 2}
         (nemesis/happened [{:process :nemesis :f :kill :type :info :value :one}
                            {:process :nemesis :f :kill :type :info
                             :value {"n1" {:killed 7} "n2" {:killed 8} "n3" :not-running}}
                            {:process :nemesis :f :pause :type :info :value {"n1" :not-running}}]))))

(deftest every-round-of-faults-ends-with-recovery
  (let [ops (remove #(= :sleep (:type %)) (all-ops (:generator (nemesis/package [:kill :pause] 2)) 200))
        rounds (partition-by #(contains? #{:resume :start} (:f %)) ops)]
    (is (every? #(= :nemesis (:process %)) (all-ops (generator/nemesis (:generator (nemesis/package [:kill] 2))) 10)))
    (is (every? #{[:kill] [:pause] [:kill :pause] [:pause :kill]} (map #(map :f %) (butlast (take-nth 2 rounds)))))
    (is (every? #{[:resume :start]} (map #(map :f %) (butlast (take-nth 2 (rest rounds))))))))

(deftest targets-are-as-many-as-they-say
  (binding [random/*random* (java.util.Random. 3)]
    (let [test {:nodes ["n1" "n2" "n3" "n4" "n5"]}]
      (dotimes [_ 20]
        (is (= 1 (count (nemesis/targets test :one))))
        (is (<= 1 (count (nemesis/targets test :minority)) 2))
        (is (= 3 (count (nemesis/targets test :majority))))
        (is (= 5 (count (distinct (nemesis/targets test :all)))))))))

(deftest flags-that-are-wrong-are-refused
  (binding [*err* (java.io.StringWriter.)]
    (is (= 2 (main/run [])))
    (is (= 2 (main/run ["append" "--time" "soon"])))
    (is (= 2 (main/run ["append" "--time"])))
    (is (= 2 (main/run ["append" "--nonsense" "1"])))
    (is (= 2 (main/run ["nonsense"])))))
