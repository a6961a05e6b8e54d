(ns kvasir.jepsen.nemesis
  "Makes faults. A fault counts only with evidence, which the completion of its operation carries as {node evidence}."
  (:require [kvasir.jepsen.db :as db]
            [kvasir.jepsen.generator :as generator]
            [kvasir.jepsen.random :as random]))

(set! *warn-on-reflection* true)

(defprotocol Nemesis
  (setup! [nemesis test] "Returns the nemesis, ready.")
  (invoke! [nemesis test op] "Does op and returns it with what was done as its :value.")
  (teardown! [nemesis test] "Takes all its faults back."))

(defprotocol Reflection
  (fs [nemesis] "The :f of operations that it does."))

(defn targets
  "Nodes that a word stands for."
  [test word]
  (let [nodes (random/shuffled (:nodes test))
        n (count nodes)
        majority (inc (quot n 2))]
    (case word
      :one (subvec nodes 0 1)
      :minority (subvec nodes 0 (max 1 (random/long-below (inc (quot (dec n) 2)))))
      :majority (subvec nodes 0 majority)
      :all nodes
      ;; one that leads a range, told when the fault is made
      :primaries (if-let [leaders (seq (db/primaries (:db test) test))]
                   [(random/pick (vec leaders))]
                   (subvec nodes 0 1)))))

(defn- on-all
  "{node (f node)}, all at once."
  [nodes f]
  (into (sorted-map) (map (fn [[node done]] [node @done]))
        (doall (map (fn [node] [node (future (f node))]) nodes))))

(defrecord Processes []
  Nemesis
  (setup! [this _] this)
  (invoke! [_ test {:keys [f value] :as op}]
    (let [db (:db test)
          act (case f
                :kill db/kill! :start db/start! :pause db/pause! :resume db/resume!)]
      (assoc op :type :info
             :value (on-all (if (coll? value) value (targets test value)) #(act db test %)))))
  (teardown! [_ test]
    (on-all (:nodes test) #(db/resume! (:db test) test %)))
  Reflection
  (fs [_] #{:kill :start :pause :resume}))

(def ^:private words [:one :one :one :minority :majority :all :primaries :primaries :primaries])

(def ^:private packages
  {:kill {:recover {:type :info :f :start :value :all}
          :perf {:name "kill" :start #{:kill} :stop #{:start} :color "#d95f5f"}}
   :pause {:recover {:type :info :f :resume :value :all}
           :perf {:name "pause" :start #{:pause} :stop #{:resume} :color "#c9a227"}}})

(def ^:private down-seconds-max 5)

(defn- between [low high] (+ (double low) (* (random/unit) (- (double high) (double low)))))

(defn- round
  "One after the other: some peace, these faults shortly after each other, some time with them, and the end of all: those
  that stand still go on before those that ended are started, which takes a majority."
  [faults recovery interval-seconds]
  (concat
   [(generator/sleep (between (* 0.5 (double interval-seconds)) (* 1.5 (double interval-seconds))))]
   (for [f faults
         op [{:type :info :f f :value (random/pick words)} (generator/sleep (between 0 0.5))]]
     op)
   [(generator/sleep (between 0 down-seconds-max))]
   recovery))

(defn package
  "{:nemesis :generator :final-generator :perf} for rounds of these faults, with interval-seconds of peace between them on
  average, so that there is something to lose. The first round has all faults, so that a short test has seen each; others
  have some, in any order."
  [faults interval-seconds]
  (doseq [fault faults]
    (when-not (packages fault) (throw (ex-info (str "there is no fault " (name fault)) {:usage true}))))
  (let [faults (vec (sort-by {:pause 0 :kill 1} faults)) ; what was killed cannot be paused
        recovery (mapv #(:recover (packages %)) faults)
        rounds (volatile! 0)
        some-faults #(take (inc (random/long-below (count faults))) (random/shuffled faults))]
    {:nemesis (->Processes)
     :generator (when (seq faults)
                  (fn []
                    (let [first? (= 1 (long (vswap! rounds inc)))]
                      (vec (round (if first? faults (some-faults)) recovery interval-seconds)))))
     :final-generator recovery
     :perf (mapv #(:perf (packages %)) faults)}))

(def ^:private evidence {:kill :killed :pause :stopped})

(defn happened
  "How often each fault really happened, by the evidence in a history."
  [history]
  (frequencies
   (for [op history
         :when (and (= :nemesis (:process op)) (map? (:value op)))
         :let [mark (evidence (:f op))] :when mark
         seen (vals (:value op)) :when (and (map? seen) (mark seen))]
     (:f op))))
