(ns kvasir.jepsen.resp
  "A connection that speaks RESP2 and does nothing by itself: no pool, no retry, no reconnect. When something goes
  wrong with it, it is closed and stays so, since a reply that comes too late would be taken for another one's."
  (:import (java.io BufferedInputStream BufferedOutputStream DataInputStream EOFException IOException OutputStream)
           (java.net InetSocketAddress Socket)
           (java.nio.charset StandardCharsets)))

(set! *warn-on-reflection* true)

(def connect-millis-max 2000)

(defrecord Failure [text])

(defn failure? [reply] (instance? Failure reply))

(defrecord Connection [^Socket socket ^DataInputStream in ^OutputStream out])

(defn close! [^Connection connection]
  (try (.close ^Socket (:socket connection))
       (catch IOException _ nil))) ; nothing is owed to anybody any more

(defn connect
  "Connects, or throws an IOException. A reply is waited for reply-millis-max at most."
  [^String host port reply-millis-max]
  (let [socket (Socket.)]
    (try
      (.setTcpNoDelay socket true)
      (.setSoTimeout socket (int reply-millis-max))
      (.connect socket (InetSocketAddress. host (int port)) (int connect-millis-max))
      (->Connection socket
                    (DataInputStream. (BufferedInputStream. (.getInputStream socket)))
                    (BufferedOutputStream. (.getOutputStream socket)))
      (catch IOException failed
        (.close socket)
        (throw failed)))))

(defn- write-command [^OutputStream out words]
  (.write out (.getBytes (str "*" (count words) "\r\n") StandardCharsets/US_ASCII))
  (doseq [word words]
    (let [bytes (.getBytes (str word) StandardCharsets/UTF_8)]
      (.write out (.getBytes (str "$" (alength bytes) "\r\n") StandardCharsets/US_ASCII))
      (.write out bytes)
      (.write out (.getBytes "\r\n" StandardCharsets/US_ASCII)))))

(defn- line ^String [^DataInputStream in]
  (let [text (StringBuilder.)]
    (loop []
      (let [c (.read in)]
        (cond (neg? c) (throw (EOFException. "the connection ended within a reply"))
              (= 13 c) (do (.read in) (.toString text))
              :else (do (.append text (char c)) (recur)))))))

(defn- reply [^DataInputStream in]
  (let [kind (.read in)]
    (if (neg? kind)
      (throw (EOFException. "the connection ended before a reply"))
      (let [text (line in)]
        (case (char kind)
          \+ text
          \- (->Failure text)
          \: (parse-long text)
          \$ (let [n (long (parse-long text))]
               (when-not (neg? n)
                 (let [bytes (byte-array n)]
                   (.readFully in bytes)
                   (.skipNBytes in 2)
                   (String. bytes StandardCharsets/UTF_8))))
          \* (let [n (long (parse-long text))]
               (when-not (neg? n)
                 (loop [i 0 all []]
                   (if (= i n) all (recur (inc i) (conj all (reply in)))))))
          (throw (IOException. (str "a reply of kind " (char kind)))))))))

(defn pipeline
  "Sends commands, each a sequence of words, in one go, and returns their replies. An IOException leaves open what
  became of them; the connection is closed then."
  [^Connection connection commands]
  (try
    (let [^OutputStream out (:out connection)]
      (doseq [command commands] (write-command out command))
      (.flush out)
      (mapv (fn [_] (reply (:in connection))) commands))
    (catch IOException failed
      (close! connection)
      (throw failed))))

(defn call
  "Sends one command and returns its reply."
  [connection & words]
  (first (pipeline connection [words])))
